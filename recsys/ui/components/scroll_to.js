// For two seconds, because the page still grows while its parts arrive, and Streamlit itself scrolls to the top when the
// page was switched; but never against the visitor.
/* $number */
if ($condition) {
  const moves = ["wheel", "touchstart", "pointerdown", "keydown"];
  const begun = Date.now();
  const stop = () => { clearInterval(timer); moves.forEach(move => removeEventListener(move, stop, true)); };
  const timer = setInterval(() => {
    if (Date.now() - begun > 2000) stop();
    document.querySelector(".st-key-$to")?.scrollIntoView({ block: "start" });
  }, 100);
  moves.forEach(move => addEventListener(move, stop, true));
}
