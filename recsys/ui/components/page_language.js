// Tells the browser which language the page is in, and says in it what Streamlit says in English only.

const ATTRIBUTES = ['aria-label', 'title', 'placeholder']
const PICKER = '.st-key-language_menu button'
// Here is what the app itself says, and the shop's texts.
const OURS = '[data-testid="stMarkdownContainer"], .stHtml, .stBidiComponent, script, style'

const english = new WeakMap() // a node of Streamlit's -> by attribute ('' is its text), what it said and what it says now
let picker = ''
let words = {}
let patterns = [] // for what has a name or a number in it
let observer

export default function ({ data }) {
  document.documentElement.lang = data.language
  if (data.cookie) document.cookie = data.cookie
  picker = data.picker
  words = data.words
  patterns = Object.entries(words).filter(([source]) => source.includes('{')).map(patternOf)
  observer?.disconnect()
  observer = new MutationObserver((changes) => {
    for (const { target, type, addedNodes } of Object.keys(words).length ? changes : []) {
      if (type === 'childList') addedNodes.forEach(sayAll)
      else if (isStreamlits(target)) say(target)
    }
    namePicker()
  })
  sayAll(document.body)
  namePicker()
  observer.observe(document.body, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
    attributeFilter: ATTRIBUTES,
  })
}

// What it shows, such as "EN", says nothing to those who do not see it.
function namePicker() {
  const button = document.querySelector(PICKER)
  const name = `${picker}: ${button?.querySelector('p')?.textContent}`
  if (button && button.getAttribute('aria-label') !== name) button.setAttribute('aria-label', name)
}

function isStreamlits(node) {
  const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node
  return Boolean(element?.closest) && !element.closest(OURS)
}

function sayAll(root) {
  if (!isStreamlits(root)) return
  say(root)
  const isOthers = (node) => (node.matches?.(OURS) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT)
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, isOthers)
  while (walker.nextNode()) say(walker.currentNode)
}

function say(node) {
  if (node.nodeType === Node.TEXT_NODE) {
    translate(node, '', node.nodeValue, (text) => (node.nodeValue = text))
    return
  }
  for (const name of ATTRIBUTES) {
    if (node.hasAttribute(name)) translate(node, name, node.getAttribute(name), (text) => node.setAttribute(name, text))
  }
}

function translate(node, name, current, write) {
  const said = english.get(node)?.[name]
  const source = said?.now === current ? said.source : current
  const wanted = Object.hasOwn(words, source) ? words[source] : filledIn(source)
  if (wanted === current) return
  english.set(node, { ...english.get(node), [name]: { source, now: wanted } })
  write(wanted)
}

function patternOf([source, wanted]) {
  const literal = source.split(/\{\w+\}/).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return [new RegExp(`^${literal.join('(.+)')}$`), wanted]
}

function filledIn(source) {
  for (const [pattern, wanted] of patterns) {
    const found = source.match(pattern)
    if (found) return wanted.replace(/\{\w+\}/, () => found[1])
  }
  return source
}
