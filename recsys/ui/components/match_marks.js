// The rating of a match: shown at once, and sent in full, so that no message depends on an earlier one.

const PAUSE_MS = 400 // a second click within this time is ignored: a double click, or a trembling hand

const mounted = new WeakMap()
const unanswered = new Map() // the last rating that is not yet acknowledged, by search and match

export default function ({ parentElement, data, setTriggerValue }) {
  if (!mounted.has(parentElement)) mounted.set(parentElement, matchMarks(parentElement))
  const shown = mounted.get(parentElement)
  const turn = shown.update(data, setTriggerValue)
  return () => {
    if (shown.close(turn)) mounted.delete(parentElement)
  }
}

function matchMarks(parent) {
  const root = parent.querySelector('.marks')
  const one = (selector) => root.querySelector(selector)
  const buttons = { it: one('[data-do=it]'), yes: one('[data-do=yes]'), no: one('[data-do=no]') }
  const listening = new AbortController()
  const clicked = {}
  let data, send, number, match
  let mark = { isIt: false, isSimilar: null }
  let turn = 0

  function draw() {
    const pressed = { it: mark.isIt, yes: mark.isSimilar === true, no: mark.isSimilar === false }
    for (const [name, button] of Object.entries(buttons)) button.setAttribute('aria-pressed', pressed[name])
  }

  function say() {
    unanswered.set(match, { mark, number })
    send('mark', { ...mark, number })
  }

  const said = {
    it: () => ({ ...mark, isIt: !mark.isIt }),
    yes: () => ({ ...mark, isSimilar: mark.isSimilar === true ? null : true }),
    no: () => ({ ...mark, isSimilar: mark.isSimilar === false ? null : false }),
  }

  for (const [name, button] of Object.entries(buttons))
    button.addEventListener(
      'click',
      (event) => {
        if (event.timeStamp - (clicked[name] ?? -PAUSE_MS) < PAUSE_MS) return
        clicked[name] = event.timeStamp
        mark = said[name]()
        draw()
        number += 1
        say()
      },
      { signal: listening.signal },
    )

  return {
    update(newData, setTriggerValue) {
      data = newData
      send = setTriggerValue
      const isNew = data.match !== match
      if (isNew) [match, number] = [data.match, data.answered]
      // A response to an earlier click would undo later ones.
      if (data.answered >= number) {
        number = data.answered
        mark = { isIt: data.isIt, isSimilar: data.isSimilar }
      }
      const before = unanswered.get(match)
      if (before && before.number <= data.answered) unanswered.delete(match)
      else if (before && isNew) {
        // Streamlit remounted the buttons before the response: the click may be lost, and sending it twice is harmless.
        mark = before.mark
        number = before.number
        say()
      }
      for (const element of root.querySelectorAll('[data-text]')) element.textContent = data[element.dataset.text]
      one('.similar').setAttribute('aria-label', data.group)
      buttons.it.setAttribute('aria-label', data.itLong)
      buttons.it.hidden = !data.canBeIt
      for (const name of ['yes', 'no']) {
        buttons[name].setAttribute('aria-label', data[name])
        buttons[name].title = data[name]
      }
      one('.problem').textContent = data.problem
      draw()
      return ++turn
    },
    close(ofTurn) {
      if (ofTurn !== turn) return false
      listening.abort()
      return true
    },
  }
}
