// The clipboard interface exists on secure pages only; plain http on an internal network needs the old way.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("copying was refused");
}

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const label = button.querySelector("span");
  button.onclick = async () => {
    try {
      await copy(data.text);
      label.textContent = "Copied";
    } catch {
      label.textContent = "Not allowed here";
    }
    setTimeout(() => { label.textContent = "Copy"; }, 1500);
  };
}
