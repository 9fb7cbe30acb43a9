// Scrolls to what is new, for two seconds: the page still grows while its parts arrive, and Streamlit itself scrolls to the
// top after switching pages. Stops when the visitor scrolls.

const MOVES = ['wheel', 'touchstart', 'pointerdown', 'keydown']
const done = {} // place -> number of the last time

export default function ({ data }) {
  if (done[data.to] === data.number) return
  done[data.to] = data.number
  if (data.phoneOnly && window.innerWidth > 640) return
  const begun = Date.now()
  const stop = () => {
    clearInterval(timer)
    MOVES.forEach((move) => removeEventListener(move, stop, true))
  }
  const timer = setInterval(() => {
    if (Date.now() - begun > 2000) stop()
    document.querySelector(`.st-key-${data.to}`)?.scrollIntoView({ block: 'start' })
  }, 100)
  MOVES.forEach((move) => addEventListener(move, stop, true))
}
