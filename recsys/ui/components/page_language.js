// Tells the browser which language the page is in, for those who have it read aloud, and keeps the choice in a cookie.
export default function ({ data }) {
  document.documentElement.lang = data.language
  if (data.cookie) document.cookie = data.cookie
}
