const POLL_MILLISECONDS = 300;
const TYPING_MILLISECONDS = 300; // after the last key, the IPA is asked for
const COLUMN = 56, TOP = 20, HEIGHT = 80; // of the chart, pixels
const ASPECTS = ["accuracy", "fluency", "completeness", "overall"];
// https://w3c.github.io/mediacapture-main/#dom-mediadevices-getusermedia
const MICROPHONE_PROBLEMS = {
  NotFoundError: "No microphone was found. Connect one, or drop a recording.",
  NotAllowedError: "The browser does not let this page use the microphone. Allow it beside the address, and record again.",
  NotReadableError: "The microphone gives no sound: another program may be using it.",
};
// What a browser does for telephone calls changes phones.
const MICROPHONE = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

const [text, accent, ipa, guessed, drop, record, elapsed, file, status, progress, problem, attempts, chart, list, report, template] = [
  "text", "accent", "ipa", "guessed", "drop", "record", "elapsed", "file", "status", "progress", "problem", "attempts", "chart", "list", "report",
  "attempt",
].map((id) => document.getElementById(id));

const scores = [];
let maxSeconds, recorder, typing, written;

async function call(path, fields) {
  const headers = { "Content-Type": "application/json" };
  const options = fields && { method: "POST", headers, body: JSON.stringify(fields) };
  try {
    return await (await fetch(path, options)).json();
  } catch {
    return { error: "unreachable: the playground's server does not answer; start it again with `make play`" };
  }
}

function dataUri(recording) {
  const reader = new FileReader();
  return new Promise((resolve) => {
    reader.onload = () => resolve(reader.result);
    reader.readAsDataURL(recording);
  });
}

function enable(enabled) {
  record.disabled = file.disabled = !enabled;
}

// An error is `code: what is wrong and what to do`.
function showProblem(error) {
  const sentence = error.replace(/^[a-z_]+: /, "");
  problem.textContent = sentence && sentence[0].toUpperCase() + sentence.slice(1);
}

async function waitForModels() {
  for (;;) {
    const found = await call("progress");
    if (found.error) return showProblem(found.error);
    const { loaded, models, loading } = found;
    maxSeconds = found.max_seconds;
    progress.hidden = loaded === models;
    progress.max = models;
    progress.value = loaded;
    status.textContent = loaded < models ? `The workers are starting: ${loading}, ${loaded + 1} of ${models}.` : "";
    if (loaded === models) return enable(true);
    await new Promise((resume) => setTimeout(resume, POLL_MILLISECONDS));
  }
}

async function writeIpa() {
  const asked = { text: text.value, accent: accent.value };
  if (!asked.text.trim()) return;
  const { output, error } = await call("ipa", { ...asked, accent: asked.accent === "gb" ? "gb" : "us" });
  if (asked.text !== text.value || asked.accent !== accent.value) return; // the answer to a later one is on its way
  if (error) return showProblem(error);
  ipa.value = written = output.phonemes.join("");
  guessed.textContent = output.guessed.length ? `In no dictionary, so check the IPA: ${output.guessed.join(", ")}` : "";
}

// IPA that was changed counts alone: with the text, the dictionary's pronunciations would be right too.
function target() {
  const changed = ipa.value.trim() && ipa.value !== written;
  const spoken = { accent: accent.value };
  if (text.value.trim() && !changed) spoken.target_text = text.value;
  if (ipa.value.trim()) spoken.target_ipa = ipa.value;
  if (spoken.target_text || spoken.target_ipa) return spoken;
  showProblem("Write a sentence first.");
  return null;
}

async function startRecording() {
  const spoken = target();
  if (!spoken) return;
  showProblem("");
  enable(false); // one recording at a time, however long the browser asks for permission
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: MICROPHONE });
    recorder = new MediaRecorder(stream);
  } catch (error) {
    enable(true);
    return showProblem(MICROPHONE_PROBLEMS[error.name] ?? `This browser cannot record here: ${error.message}`);
  }
  const pieces = [];
  const start = performance.now();
  const clock = setInterval(() => {
    const seconds = (performance.now() - start) / 1000;
    elapsed.textContent = `${seconds.toFixed(1)} s`;
    if (seconds > maxSeconds - 1) stopRecording();
  }, 100);
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  recorder.onstop = () => {
    clearInterval(clock);
    stream.getTracks().forEach((track) => track.stop());
    assess(new Blob(pieces, { type: recorder.mimeType }), spoken);
  };
  recorder.start();
  record.disabled = false;
  record.focus(); // a button that was disabled has lost it
  record.textContent = "Stop";
  record.classList.add("recording");
}

function stopRecording() {
  if (recorder.state === "recording") recorder.stop();
  record.textContent = "Record";
  record.classList.remove("recording");
}

async function assess(recording, spoken) {
  enable(false);
  showProblem("");
  status.textContent = "Assessing…";
  const answer = await call("attempts", { audio_uri: await dataUri(recording), ...spoken });
  status.textContent = "";
  enable(true);
  if (answer.error) return showProblem(answer.error);
  const another = answer.output.off_target ? ["This sounds like another text than the sentence."] : [];
  showProblem([...another, ...answer.advice].join(" "));
  addAttempt(answer.number, answer.output, spoken, recording);
}

function addAttempt(number, output, spoken, recording) {
  const item = template.content.cloneNode(true).firstElementChild;
  const part = (selector) => item.querySelector(selector);
  part("h3").textContent = `Attempt ${number}`;
  part(".sentence").textContent = spoken.target_text ?? spoken.target_ipa;
  part(".score").textContent = output.score.toFixed(2);
  part(".words").append(...output.words.map(wordItem));
  for (const name of ASPECTS.filter((aspect) => output.aspects[aspect] !== null))
    part(".aspects").append(make("dt", name[0].toUpperCase() + name.slice(1)), make("dd", output.aspects[name].toFixed(2)));
  part("audio").src = URL.createObjectURL(recording);
  part("audio").setAttribute("aria-label", `The recording of attempt ${number}`);
  part(".show").setAttribute("aria-label", `Show the report of attempt ${number}`);
  part(".show").addEventListener("click", () => showReport(item, number));
  list.append(item);
  scores.push([number, output.score]);
  drawChart();
  attempts.hidden = false;
  showReport(item, number);
  item.scrollIntoView({ block: "nearest", inline: "end" });
}

function make(name, content) {
  return Object.assign(document.createElement(name), { textContent: content });
}

function wordItem(word) {
  const box = make("span", "");
  box.className = `word ${word.status}`;
  const pronounced = make("span", word.actual || "–");
  pronounced.className = "ipa";
  box.append(make("span", word.text ?? "+"), pronounced, make("span", word.score?.toFixed(2) ?? word.status.replace("_", " ")));
  const item = make("li", "");
  item.append(box);
  return item;
}

function showReport(item, number) {
  for (const other of list.children) other.classList.toggle("shown", other === item);
  report.title = `Report of attempt ${number}`;
  report.src = `reports/${number}`;
  report.hidden = false;
}

function drawChart() {
  const points = scores.map(([number, score], k) => ({ number, score, x: (k + 0.5) * COLUMN, y: TOP + HEIGHT * (1 - score) }));
  chart.setAttribute("viewBox", `0 0 ${COLUMN * points.length} ${TOP + HEIGHT + 24}`);
  chart.setAttribute("width", COLUMN * points.length);
  chart.setAttribute("aria-label", `Scores: ${scores.map(([number, score]) => `attempt ${number} ${score.toFixed(2)}`).join(", ")}`);
  const line = draw("polyline", { points: points.map(({ x, y }) => `${x},${y}`).join(" ") });
  const marks = points.flatMap(({ number, score, x, y }) => [
    draw("circle", { cx: x, cy: y, r: 4 }),
    draw("text", { x, y: y - 8 }, score.toFixed(2)),
    draw("text", { x, y: TOP + HEIGHT + 20 }, number),
  ]);
  chart.replaceChildren(line, ...marks);
}

function draw(name, attributes, content = "") {
  const shape = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) shape.setAttribute(attribute, value);
  shape.textContent = content;
  return shape;
}

function receive(recording) {
  const spoken = recording && target();
  if (spoken) assess(recording, spoken);
}

record.addEventListener("click", () => (recorder?.state === "recording" ? stopRecording() : startRecording()));
file.addEventListener("change", () => {
  receive(file.files[0]);
  file.value = ""; // the same file can be chosen again
});
text.addEventListener("input", () => {
  showProblem("");
  ipa.value = guessed.textContent = "";
  clearTimeout(typing);
  typing = setTimeout(writeIpa, TYPING_MILLISECONDS);
});
accent.addEventListener("change", writeIpa);
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
document.addEventListener("dragleave", () => drop.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  if (!file.disabled) receive(event.dataTransfer.files[0]);
});
// A report is as high as its content.
report.addEventListener("load", () => {
  const page = report.contentDocument?.documentElement;
  if (!page) return;
  new ResizeObserver(() => (report.style.height = `${page.offsetHeight + 8}px`)).observe(page);
});

waitForModels();
writeIpa();
