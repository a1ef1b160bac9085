// What is in the box is known to the browser alone, and stays there: counted as orchat.openrouter.estimate counts it.
const NEARLY_FULL = 0.8;
const BOX = '[data-testid="stChatInputTextArea"]';

function tokensIn(text) {
  let ascii = 0, signs = 0, others = 0;
  for (const character of text) {
    if (character < "\x80") ascii += 1;
    else if (character >= "\u2e80") signs += 1;
    else others += 1;
  }
  return Math.ceil(ascii / 4 + signs + others / 1.5);
}

function short(number) {
  for (const [size, letter] of [[1e6, "M"], [1e3, "k"]]) {
    if (number >= size - size / 2000) {
      const value = number / size;
      return (value < 10 ? value.toFixed(1).replace(/\.0$/, "") : value.toFixed(0)) + letter;
    }
  }
  return String(number);
}

function dollars(amount) {
  if (amount >= 0.00995) return `$${amount.toFixed(2)}`;
  return `$${Number(amount.toPrecision(2)).toFixed(Math.max(2, 1 - Math.floor(Math.log10(amount))))}`;
}

function words(data, tokens, more) {
  if (!more) return data.said;
  if (data.window === null) {
    const price = data.auto ? "price known when the auto-router has chosen" : "price not known";
    return `about ${short(tokens)} tokens · ${price}`;
  }
  const cost = data.reading === null ? null : data.reading + more * data.price;
  const price = cost === null ? "price varies" : cost ? `about ${dollars(cost)} + answer` : "free";
  return `about ${short(tokens)} of ${short(data.window)} tokens · ${price}`;
}

export default function ({ data, parentElement }) {
  const gauge = parentElement.querySelector(".gauge");
  const track = gauge.querySelector(".track");
  const show = () => {
    const box = document.querySelector(BOX);
    const more = box ? tokensIn(box.value) : 0;
    const tokens = data.tokens + more;
    const share = data.window ? Math.min(tokens / data.window, 1) : 0;
    gauge.hidden = !tokens;
    track.hidden = !data.window;
    track.setAttribute("aria-valuenow", String(Math.round(share * 100)));
    // At least a point, so that it is seen to be one.
    track.firstElementChild.style.width = `max(${(share * 100).toFixed(1)}%, 2px)`;
    gauge.classList.toggle("full", share > NEARLY_FULL);
    gauge.querySelector(".words").textContent = words(data, tokens, more);
  };
  const onInput = (event) => { if (event.target.matches?.(BOX)) show(); };
  document.addEventListener("input", onInput);
  show();
  return () => document.removeEventListener("input", onInput);
}
