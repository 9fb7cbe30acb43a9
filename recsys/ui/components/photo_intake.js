// The ways to a photo that need the browser: live camera, file, drag and drop, clipboard.
// A large photo is shrunk here, so that little is sent; the server checks and decodes everything it gets.

const FACING_AWAY = 'environment'
const FACING_USER = 'user'
const TYPING = 'input:not([type=file]), textarea, [contenteditable]'

// Streamlit calls the function below at every change of its data; the mounted elements persist between calls.
const mounted = new WeakMap()

export default function ({ parentElement, data, setTriggerValue }) {
  if (!mounted.has(parentElement)) mounted.set(parentElement, intake(parentElement))
  const shown = mounted.get(parentElement)
  const turn = shown.update(data, setTriggerValue)
  return () => {
    if (!shown.close(turn)) return
    mounted.delete(parentElement)
  }
}

function intake(parent) {
  const root = parent.querySelector('.intake')
  const one = (selector) => root.querySelector(selector)
  const [video, input, status] = [one('video'), one('input'), one('.status')]
  const listening = new AbortController()
  const canStream = window.isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia)
  const byTouch = matchMedia('(pointer: coarse)').matches
  let data, send, stream
  let turn = 0
  let answered = null
  let facing = FACING_AWAY
  let depth = 0 // how many nested elements the drag is in

  const on = (target, type, listener) => target.addEventListener(type, listener, { signal: listening.signal })

  function say(text, isProblem = false) {
    status.textContent = text
    status.classList.toggle('problem', isProblem)
    if (isProblem) send('problem', true) // an older problem that the page shows is over
  }

  async function take(blob, origin) {
    say(data.texts.sending)
    try {
      const smaller = await shrunk(blob, data.side, data.plenty)
      if (smaller.size > data.maxBytes) say(data.texts.tooLarge, true)
      else send('photo', { origin, content: await base64(smaller) })
    } catch {
      say(data.texts.unreadable, true) // deleted since it was chosen, or too large for memory
    }
  }

  function pick(byCamera) {
    input.toggleAttribute('capture', byCamera)
    if (byCamera) input.setAttribute('capture', FACING_AWAY) // the phone's own camera, with its rear lens
    input.click()
  }

  async function openCamera() {
    if (!canStream) return pick(true)
    closeCamera()
    try {
      const wanted = { facingMode: { ideal: facing }, width: { ideal: 1920 }, height: { ideal: 1080 } }
      stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: wanted })
    } catch (error) {
      return say(error.name === 'NotAllowedError' ? data.texts.cameraDenied : data.texts.cameraMissing, true)
    }
    if (listening.signal.aborted) return closeCamera()
    video.srcObject = stream
    video.classList.toggle('mirrored', stream.getVideoTracks()[0].getSettings().facingMode === FACING_USER)
    one('.drop').hidden = true
    one('.live').hidden = false
    one('[data-do=shoot]').disabled = true // until there is a picture
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput')
    one('[data-do=turn]').hidden = cameras.length < 2
    say(data.texts.aim)
  }

  function closeCamera() {
    stream?.getTracks().forEach((track) => track.stop())
    stream = video.srcObject = null
    one('.live').hidden = true
    one('.drop').hidden = false
    say('')
  }

  async function shoot() {
    const shot = await painted(video, video.videoWidth, video.videoHeight)
    closeCamera()
    one('[data-do=photograph]').focus()
    await take(shot, 'camera')
  }

  async function paste() {
    try {
      for (const item of await navigator.clipboard.read()) {
        const type = item.types.find((type) => type.startsWith('image/'))
        if (type) return await take(await item.getType(type), 'paste')
      }
      say(data.texts.nothingToPaste, true)
    } catch {
      say(data.texts.pasteDenied, true)
    }
  }

  const actions = {
    photograph: openCamera,
    choose: () => pick(false),
    paste,
    shoot,
    turn: () => {
      facing = facing === FACING_AWAY ? FACING_USER : FACING_AWAY
      return openCamera()
    },
    close: () => {
      closeCamera()
      one('[data-do=photograph]').focus()
    },
  }
  for (const button of root.querySelectorAll('button')) on(button, 'click', actions[button.dataset.do])
  on(root, 'keydown', (event) => event.key === 'Escape' && stream && actions.close())
  on(video, 'loadeddata', () => {
    one('[data-do=shoot]').disabled = false
    one('[data-do=shoot]').focus()
  })
  on(input, 'change', () => {
    if (input.files.length) take(input.files[0], 'upload')
    input.value = '' // so that the same file can be chosen again
  })

  on(document, 'paste', (event) => {
    if (event.composedPath()[0].closest?.(TYPING)) return
    const picture = pictureAmong(event.clipboardData.files)
    if (!picture) return say(data.texts.nothingToPaste, true)
    event.preventDefault()
    take(picture, 'paste')
  })

  const holdsFiles = (event) => event.dataTransfer?.types.includes('Files')
  const highlight = (change) => {
    depth = Math.max(0, depth + change)
    root.classList.toggle('over', depth > 0)
  }
  on(document, 'dragenter', (event) => holdsFiles(event) && highlight(1))
  on(document, 'dragleave', (event) => holdsFiles(event) && highlight(-1))
  on(document, 'dragover', (event) => holdsFiles(event) && event.preventDefault())
  on(document, 'drop', (event) => {
    highlight(-depth)
    if (!holdsFiles(event)) return
    event.preventDefault()
    const { files } = event.dataTransfer
    if (files.length) take(pictureAmong(files) ?? files[0], 'upload')
  })

  return {
    update(newData, setTriggerValue) {
      data = newData
      send = setTriggerValue
      for (const element of root.querySelectorAll('[data-text]')) element.textContent = data.texts[element.dataset.text]
      one('[data-text=hint]').textContent = byTouch ? '' : data.texts.hint
      root.classList.toggle('compact', data.compact)
      input.accept = data.accept
      one('video').setAttribute('aria-label', data.texts.viewfinder)
      one('[data-do=photograph]').hidden = !canStream && !byTouch
      one('[data-do=paste]').hidden = !navigator.clipboard?.read
      const note = one('.note')
      note.hidden = window.isSecureContext
      note.textContent = byTouch ? data.texts.plainOnPhone : data.texts.plainOnDesk
      if (data.answered !== answered && !stream) say('')
      answered = data.answered
      root.classList.add('ready')
      return ++turn
    },
    close(ofTurn) {
      if (ofTurn !== turn) return false
      listening.abort()
      closeCamera()
      return true
    },
  }
}

function pictureAmong(files) {
  return [...files].find(({ type }) => type.startsWith('image/'))
}

// A large photo as a smaller JPEG; unchanged if it is small, or if this browser cannot decode it.
async function shrunk(blob, side, plenty) {
  if (blob.size <= plenty) return blob
  const picture = new Image()
  picture.src = URL.createObjectURL(blob)
  try {
    await picture.decode()
    const scale = Math.min(1, side / Math.max(picture.naturalWidth, picture.naturalHeight))
    const jpeg = await painted(picture, picture.naturalWidth * scale, picture.naturalHeight * scale)
    return jpeg.size < blob.size ? jpeg : blob
  } catch {
    return blob
  } finally {
    URL.revokeObjectURL(picture.src)
  }
}

function painted(source, width, height) {
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(width))
  canvas.height = Math.max(1, Math.round(height))
  const context = canvas.getContext('2d')
  context.fillStyle = '#fff' // behind transparent parts
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(source, 0, 0, canvas.width, canvas.height)
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no memory'))), 'image/jpeg', 0.92),
  )
}

function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(blob)
  })
}
