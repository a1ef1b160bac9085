// Streamlit's own following pulls a reader who scrolls up back to the end; this one lets go.
const NEAR = 8;
const A_MOMENT = 1000;
const INPUTS = ["wheel", "touchmove", "pointerdown", "keydown"];
const KEYS_UP = ["ArrowUp", "PageUp", "Home"];

export default function ({ data }) {
  const page = document.querySelector('[data-testid="stMain"]');
  if (!page) return;
  const state = (page.orchatFollow ??= { following: true, top: page.scrollTop, turn: null, touched: -Infinity });
  const toEnd = () => { page.scrollTop = page.scrollHeight; state.top = page.scrollTop; };

  if (state.turn !== data.turn) {
    state.turn = data.turn;
    state.following = true;
    // The press that led here is no hand on the page: while it is drawn anew it gets shorter for a moment.
    state.touched = -Infinity;
  }
  const onScroll = () => {
    const atEnd = page.scrollHeight - page.scrollTop - page.clientHeight < NEAR;
    const byReader = performance.now() - state.touched < A_MOMENT;
    if (atEnd) state.following = true;
    // A page that gets shorter for a moment moves up by itself: only a reader's hand lets go.
    else if (byReader && page.scrollTop < state.top - 1) state.following = false;
    else if (state.following) toEnd();
    state.top = page.scrollTop;
  };
  const onInput = (event) => {
    if (event.type === "keydown" && !KEYS_UP.includes(event.key)) return;
    state.touched = performance.now();
    if (event.deltaY < 0 && page.contains(event.target)) state.following = false;
  };
  const growth = new ResizeObserver(() => { if (state.following) toEnd(); });

  page.addEventListener("scroll", onScroll, { passive: true });
  for (const input of INPUTS) window.addEventListener(input, onInput, { passive: true, capture: true });
  const content = page.querySelector('[data-testid="stMainBlockContainer"]') ?? page.firstElementChild;
  if (content) growth.observe(content);
  if (state.following) toEnd();

  return () => {
    growth.disconnect();
    page.removeEventListener("scroll", onScroll);
    for (const input of INPUTS) window.removeEventListener(input, onInput, { capture: true });
  };
}
