// Uploads files one after the other, in pieces, each sent when the previous one has been acknowledged.

const mounted = new WeakMap()

export default function ({ parentElement, data, setTriggerValue }) {
  if (!mounted.has(parentElement)) mounted.set(parentElement, photoSet(parentElement))
  const shown = mounted.get(parentElement)
  const turn = shown.update(data, setTriggerValue)
  return () => {
    if (shown.close(turn)) mounted.delete(parentElement)
  }
}

function photoSet(parent) {
  const root = parent.querySelector('.photo-set')
  const one = (selector) => root.querySelector(selector)
  const [input, status] = [one('input'), one('.status')]
  const listening = new AbortController()
  let data, send, sent // the upload: its files as one, its name, and how many bytes the server will have
  let number = 0
  let turn = 0

  const on = (target, type, listener) => target.addEventListener(type, listener, { signal: listening.signal })

  function say(text, isProblem = false) {
    status.textContent = text
    status.classList.toggle('problem', isProblem)
  }

  function end(text = '') {
    sent = null
    draw()
    say(text, Boolean(text))
  }

  function draw() {
    one('.sending').hidden = !sent
    one('[data-do=choose]').hidden = Boolean(sent)
    if (sent) one('progress').value = sent.whole.size ? sent.answered / sent.whole.size : 0
  }

  function begin(files) {
    if (files.length > data.maxFiles) return end(data.texts.tooMany)
    const whole = new Blob(files)
    if (whole.size > data.maxBytes) return end(data.texts.tooLarge)
    sent = { whole, choice: `${Date.now()}-${++number}`, answered: 0, expected: 0 }
    draw()
    say(data.texts.sending)
    sendPiece(files.map(({ name, size }) => ({ name, size })))
  }

  async function sendPiece(files) {
    const current = sent
    const offset = current.answered
    const piece = current.whole.slice(offset, offset + data.pieceBytes)
    try {
      const content = await base64(piece)
      if (sent !== current) return
      current.expected = offset + piece.size
      send('piece', { choice: current.choice, offset, content, ...(files ? { files } : {}) })
    } catch {
      if (sent === current) end(data.texts.unreadable) // changed or deleted since it was chosen
    }
  }

  on(one('[data-do=choose]'), 'click', () => input.click())
  on(one('[data-do=stop]'), 'click', () => {
    end()
    one('[data-do=choose]').focus()
  })
  on(input, 'change', () => {
    const files = [...input.files]
    input.value = '' // so that the same files can be chosen again
    if (files.length) begin(files)
  })

  return {
    update(newData, setTriggerValue) {
      data = newData
      send = setTriggerValue
      for (const element of root.querySelectorAll('[data-text]')) element.textContent = data.texts[element.dataset.text]
      one('progress').setAttribute('aria-label', data.texts.sending)
      input.accept = data.accept
      root.classList.add('ready')
      if (sent && data.choice === sent.choice) {
        if (data.problem) end(data.problem)
        else if (data.received === sent.expected && sent.expected > sent.answered) {
          sent.answered = data.received
          draw()
          if (sent.answered < sent.whole.size) sendPiece()
        }
      }
      return ++turn
    },
    close(ofTurn) {
      if (ofTurn !== turn) return false
      listening.abort()
      sent = null
      return true
    },
  }
}

function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(blob)
  })
}
