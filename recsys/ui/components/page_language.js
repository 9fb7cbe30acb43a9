// Tells the browser the page's language, for screen readers, and stores the choice in a cookie.
export default function ({ data }) {
  document.documentElement.lang = data.language
  if (data.cookie) document.cookie = data.cookie
}
