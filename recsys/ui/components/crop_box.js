// A box over a photo, in fractions of its width and height: moved and resized by pointer, keyboard or sliders.

const STEP = 0.02
const PAUSE_MS = 250 // after resting this long the box is searched, even if the finger is still down
const WHOLE = [0, 0, 1, 1]

const clamp = (value, low, high) => Math.min(Math.max(value, low), high)
const mounted = new WeakMap()

export default function ({ parentElement, data, setTriggerValue }) {
  if (!mounted.has(parentElement)) mounted.set(parentElement, cropBox(parentElement))
  const shown = mounted.get(parentElement)
  const turn = shown.update(data, setTriggerValue)
  return () => {
    if (shown.close(turn)) mounted.delete(parentElement)
  }
}

function cropBox(parent) {
  const root = parent.querySelector('.crop')
  const one = (selector) => root.querySelector(selector)
  const [stage, box, spoken] = [one('.stage'), one('.box'), one('.spoken')]
  const sliders = [...root.querySelectorAll('input')]
  const listening = new AbortController()
  const on = (target, type, listener) => target.addEventListener(type, listener, { signal: listening.signal })
  let data, send, edges, drag, timer
  let turn = 0
  let sent = ''

  function draw() {
    for (const [edge, share] of Object.entries(edges)) stage.style.setProperty(`--${edge}`, `${share * 100}%`)
    const rounded = Object.fromEntries(Object.entries(edges).map(([edge, share]) => [edge, Math.round(share * 100)]))
    for (const slider of sliders) {
      slider.value = rounded[slider.dataset.edge]
      slider.nextElementSibling.textContent = `${slider.value}%`
    }
    box.setAttribute('aria-label', data.texts.position.replace(/\{(\w+)\}/g, (_, edge) => rounded[edge]))
  }

  const boxed = () => [edges.left, edges.top, edges.right - edges.left, edges.bottom - edges.top]
  const rounded = (numbers) => numbers.map((number) => Math.round(number * 1000) / 1000)

  function searchSoon(after) {
    clearTimeout(timer)
    timer = setTimeout(() => {
      const numbers = rounded(boxed())
      if (String(numbers) === sent) return
      sent = String(numbers)
      spoken.textContent = box.getAttribute('aria-label')
      send('box', numbers)
    }, after)
  }

  function change(changed, after = PAUSE_MS) {
    edges = changed
    draw()
    searchSoon(after)
  }

  function moved({ left, top, right, bottom }, across, down) {
    across = clamp(across, -left, 1 - right)
    down = clamp(down, -top, 1 - bottom)
    return { left: left + across, top: top + down, right: right + across, bottom: bottom + down }
  }

  // Move the named edges, but never closer to the opposite one than the smallest box allows.
  function resized(from, names, across, down) {
    const { left, top, right, bottom } = from
    const to = { ...from }
    if (names.includes('left')) to.left = clamp(left + across, 0, right - data.smallest)
    if (names.includes('right')) to.right = clamp(right + across, left + data.smallest, 1)
    if (names.includes('top')) to.top = clamp(top + down, 0, bottom - data.smallest)
    if (names.includes('bottom')) to.bottom = clamp(bottom + down, top + data.smallest, 1)
    return to
  }

  const edgesOf = ([left, top, width, height]) => ({ left, top, right: left + width, bottom: top + height })

  on(box, 'pointerdown', (event) => {
    if (event.button) return
    event.preventDefault()
    box.focus({ preventScroll: true })
    box.setPointerCapture(event.pointerId)
    const names = event.target.dataset.edges?.split(' ')
    drag = { names, from: edges, x: event.clientX, y: event.clientY, size: stage.getBoundingClientRect() }
  })
  on(box, 'pointermove', (event) => {
    if (!drag) return
    const across = (event.clientX - drag.x) / drag.size.width
    const down = (event.clientY - drag.y) / drag.size.height
    change(drag.names ? resized(drag.from, drag.names, across, down) : moved(drag.from, across, down))
  })
  for (const type of ['pointerup', 'pointercancel'])
    on(box, type, () => {
      if (!drag) return
      drag = null
      searchSoon(0)
    })

  const arrows = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }
  on(box, 'keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key in arrows) {
      const [across, down] = arrows[event.key]
      change(event.shiftKey ? resized(edges, ['right', 'bottom'], across, down) : moved(edges, across, down))
    } else if ('+-'.includes(event.key)) {
      const grow = event.key === '+' ? STEP : -STEP
      change(resized(resized(edges, ['right', 'bottom'], grow, grow), ['left', 'top'], -grow, -grow))
    } else if (event.key === 'Home') change(edgesOf(data.proposed))
    else return
    event.preventDefault()
    event.stopPropagation()
  })
  for (const slider of sliders)
    on(slider, 'input', () => {
      const { edge } = slider.dataset
      const by = slider.value / 100 - edges[edge]
      change(resized(edges, [edge], by, by))
    })
  on(one('[data-do=whole]'), 'click', () => change(edgesOf(WHOLE), 0))
  on(one('[data-do=propose]'), 'click', () => change(edgesOf(data.proposed), 0))

  return {
    update(newData, setTriggerValue) {
      const isAnother = newData.photo !== data?.photo
      data = newData
      send = setTriggerValue
      stage.style.setProperty('--ratio', data.ratio)
      for (const element of root.querySelectorAll('[data-text]')) element.textContent = data.texts[element.dataset.text]
      box.setAttribute('aria-roledescription', data.texts.name)
      one('[data-do=propose]').hidden = String(data.proposed) === String(WHOLE)
      if (isAnother) {
        clearTimeout(timer)
        edges = edgesOf(data.box)
        sent = String(data.box)
      }
      draw()
      root.classList.add('ready')
      return ++turn
    },
    close(ofTurn) {
      if (ofTurn !== turn) return false
      clearTimeout(timer)
      listening.abort()
      return true
    },
  }
}
