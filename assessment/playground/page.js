const POLL_MILLISECONDS = 300;
const TYPING_MILLISECONDS = 300; // after the last key, the IPA is asked for
const COLUMN = 56, TOP = 20, HEIGHT = 80; // of the chart, pixels
const SOUNDS = 6; // shown, those that went wrong most
// https://w3c.github.io/mediacapture-main/#dom-mediadevices-getusermedia
const MICROPHONE_PROBLEMS = {
  NotFoundError: "No microphone was found. Connect one, or drop a recording.",
  NotAllowedError: "The browser does not let this page use the microphone. Allow it beside the address, and record again.",
  NotReadableError: "The microphone gives no sound: another program may be using it.",
};
// What a browser does for telephone calls changes phones.
const MICROPHONE = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
const UNREACHABLE = "unreachable: the playground's server does not answer; start it again with `make play`, then send this attempt again";
// The same recording may have an answer later.
const KEPT = /^(unreachable|internal_error|timed_out|model_unavailable):/;

const { ready, text, accent, listen, ipa, guessed, drop, record, elapsed, file, status, progress, problem, shown, kept, list, course, sounds } =
  Object.fromEntries([...document.querySelectorAll("[id]")].map((element) => [element.id, element]));

let attempts = []; // in order; one without an output is not sent yet
let isLoaded = false;
let maxSeconds, recorder, typing, written, current;

async function call(path, fields) {
  const headers = { "Content-Type": "application/json" };
  const options = fields && { method: "POST", headers, body: JSON.stringify(fields) };
  try {
    return await (await fetch(path, options)).json();
  } catch {
    return { error: UNREACHABLE };
  }
}

const database = new Promise((resolve, reject) => {
  const request = indexedDB.open("pronunciation", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("attempts", { keyPath: "id", autoIncrement: true });
    request.result.createObjectStore("files", { keyPath: "id" }); // recordings and reports, which are large
  };
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function stored(name, method, ...values) {
  const request = (await database).transaction(name, "readwrite").objectStore(name)[method](...values);
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function dataUri(recording) {
  const reader = new FileReader();
  return new Promise((resolve) => {
    reader.onload = () => resolve(reader.result);
    reader.readAsDataURL(recording);
  });
}

function enable(enabled) {
  document.querySelectorAll("#record, #file, .again, .resend").forEach((control) => (control.disabled = !enabled));
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
    isLoaded = loaded === models;
    if (isLoaded) return enable(true);
    await new Promise((resume) => setTimeout(resume, POLL_MILLISECONDS));
  }
}

async function writeIpa() {
  listen.dataset.say = text.value;
  const asked = { text: text.value, accent: accent.value };
  if (!asked.text.trim()) return;
  const { output, error } = await call("ipa", { ...asked, accent: asked.accent === "gb" ? "gb" : "us" });
  if (asked.text !== text.value || asked.accent !== accent.value) return; // the answer to a later one is on its way
  if (error) return showProblem(error);
  ipa.value = written = output.phonemes.join("");
  guessed.textContent = output.guessed.length ? `In no dictionary, so check the IPA: ${output.guessed.join(", ")}` : "";
  guessed.hidden = !output.guessed.length;
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

// Records what is spoken until the same button is pressed again.
async function startRecording(button, spoken) {
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
  const label = button.textContent;
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
    button.textContent = label;
    button.classList.remove("recording");
    assess(new Blob(pieces, { type: recorder.mimeType }), spoken);
  };
  recorder.start();
  button.disabled = false;
  button.focus(); // a button that was disabled has lost it
  button.textContent = "Stop";
  button.classList.add("recording");
}

function stopRecording() {
  if (recorder.state === "recording") recorder.stop();
}

function toggleRecording(button, spoken) {
  if (recorder?.state === "recording") stopRecording();
  else if (spoken) startRecording(button, spoken);
}

// The attempt is kept before it is sent, so that none is lost.
async function assess(recording, spoken) {
  const attempt = { time: Date.now(), ...spoken };
  attempt.id = await stored("attempts", "add", attempt);
  await stored("files", "put", { id: attempt.id, recording });
  attempts.push(attempt);
  await send(attempt);
}

async function send(attempt) {
  enable(false);
  showProblem("");
  status.textContent = "Assessing…";
  const { id, target_text, target_ipa, accent } = attempt;
  const { recording } = await stored("files", "get", id);
  const { report, ...answer } = await call("attempts", { audio_uri: await dataUri(recording), target_text, target_ipa, accent });
  status.textContent = "";
  if (answer.error) {
    showProblem(answer.error);
    if (!KEPT.test(answer.error)) {
      await Promise.all(["attempts", "files"].map((name) => stored(name, "delete", id)));
      attempts = attempts.filter((other) => other !== attempt);
    }
    drawAttempts();
    record.focus();
  } else {
    Object.assign(attempt, answer);
    await stored("files", "put", { id, recording, report });
    await stored("attempts", "put", attempt);
    await show(attempt);
    shown.querySelector("h2").focus();
  }
}

async function show(attempt) {
  const { report } = await stored("files", "get", attempt.id);
  current = attempt;
  shown.innerHTML = report;
  const { id, of, target_text, target_ipa, accent } = attempt;
  shown.querySelector("h2").textContent = `Attempt ${attempts.indexOf(attempt) + 1}`;
  const place = make("p", "");
  place.append(again("Say it again", { target_text, target_ipa, accent, of }));
  const whole = attempts.find((other) => other.id === of);
  if (whole) {
    const back = button("Back to the sentence", "");
    back.addEventListener("click", () => show(whole));
    place.append(" ", back);
  }
  shown.querySelector("header").after(place);
  for (const item of shown.querySelectorAll(".corrections li[data-words]"))
    item.lastElementChild.append(again(`Say it again: ${item.dataset.words}`, { target_text: item.dataset.words, accent, of: of ?? id }));
  showVoices();
  drawAttempts();
}

function make(name, content) {
  return Object.assign(document.createElement(name), { textContent: content });
}

function button(label, name) {
  return Object.assign(make("button", label), { type: "button", className: name });
}

function again(label, spoken) {
  const made = button(label, "again");
  made.addEventListener("click", () => toggleRecording(made, spoken));
  return made;
}

function drawAttempts() {
  kept.hidden = !attempts.length;
  list.replaceChildren(...attempts.map(attemptItem).reverse());
  drawCourse();
  drawSounds();
  enable(isLoaded && recorder?.state !== "recording");
}

function attemptItem(attempt, index) {
  const item = make("li", "");
  const { target_text, target_ipa, output, points, band } = attempt;
  const time = new Date(attempt.time).toLocaleString([], { dateStyle: "short", timeStyle: "short" });
  const choose = button("", "attempt");
  const score = output ? `${points} ${band}` : "not sent";
  choose.append(make("span", index + 1), make("strong", score), make("span", target_text ?? target_ipa), make("time", time));
  choose.setAttribute("aria-label", `Attempt ${index + 1}, ${score}, ${target_text ?? target_ipa}, ${time}`);
  if (attempt === current) choose.setAttribute("aria-current", "true");
  choose.disabled = !output;
  choose.addEventListener("click", () => show(attempt));
  item.append(choose);
  if (!output) {
    const resend = button("Send again", "resend");
    resend.addEventListener("click", () => send(attempt));
    item.append(resend);
  }
  return item;
}

function dayOf({ time }) {
  return new Date(time).toLocaleDateString([], { month: "short", day: "numeric" });
}

// Returns the mean of each day, or where there is one day alone each value.
function byDay(values) {
  const days = Map.groupBy(values, ({ day }) => day);
  if (days.size < 2) return values.map(({ name, value }) => ({ name, value }));
  return [...days].map(([name, those]) => ({ name, value: those.reduce((sum, { value }) => sum + value, 0) / those.length }));
}

function drawCourse() {
  const values = attempts.flatMap((attempt, index) => {
    const { points, of, output } = attempt;
    return output && !of && !output.off_target ? [{ name: index + 1, day: dayOf(attempt), value: points }] : [];
  });
  const points = byDay(values);
  course.hidden = points.length < 2; // a point is no course
  drawLine(course.querySelector("svg"), points, "Scores");
}

// Counts the sounds of all attempts, those that went wrong most first.
function countSounds() {
  const counts = new Map();
  for (const attempt of attempts)
    for (const { name, right, of } of attempt.sounds ?? []) {
      const found = counts.get(name) ?? { name, right: 0, of: 0, values: [] };
      counts.set(name, found);
      found.right += right;
      found.of += of;
      found.values.push({ name: dayOf(attempt), day: dayOf(attempt), value: (100 * right) / of });
    }
  return [...counts.values()].sort((one, other) => other.of - other.right - (one.of - one.right));
}

function drawSounds() {
  const worst = countSounds().filter(({ right, of }) => right < of);
  sounds.hidden = !worst.length;
  sounds.querySelector("ul").replaceChildren(
    ...worst.slice(0, SOUNDS).map(({ name, right, of, values }) => {
      const item = make("li", "");
      item.append(make("span", name), make("strong", Math.round((100 * right) / of)), make("span", `${right} of ${of} right`));
      const points = byDay(values);
      if (points.some(({ name }) => name !== points[0].name)) item.append(drawLine(draw("svg", { role: "img" }), points, name));
      return item;
    }),
  );
}

function drawLine(svg, values, title) {
  const points = values.map(({ name, value }, k) => {
    return { name, value: Math.round(value), x: (k + 0.5) * COLUMN, y: TOP + HEIGHT * (1 - value / 100) };
  });
  svg.setAttribute("viewBox", `0 0 ${COLUMN * points.length} ${TOP + HEIGHT + 24}`);
  svg.setAttribute("width", COLUMN * points.length);
  svg.setAttribute("aria-label", `${title}: ${points.map(({ name, value }) => `${name}: ${value}`).join(", ")}`);
  const line = draw("polyline", { points: points.map(({ x, y }) => `${x},${y}`).join(" ") });
  const marks = points.flatMap(({ name, value, x, y }) => [
    draw("circle", { cx: x, cy: y, r: 4 }),
    draw("text", { x, y: y - 8 }, value),
    draw("text", { x, y: TOP + HEIGHT + 20 }, name),
  ]);
  svg.replaceChildren(line, ...marks);
  return svg;
}

function draw(name, attributes, content = "") {
  const shape = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) shape.setAttribute(attribute, value);
  shape.textContent = content;
  return shape;
}

// Returns how often what a group of sentences is for went wrong.
function missesOf({ dataset: { sounds = "", advice = "" } }) {
  const wrong = countSounds().filter(({ name }) => sounds.split(", ").includes(name));
  const errors = attempts.flatMap(({ output }) => output?.errors ?? []).filter((error) => advice.split(" ").includes(error.advice?.code));
  return wrong.reduce((sum, { right, of }) => sum + of - right, errors.length);
}

function chooseSentence() {
  const groups = [...ready.querySelectorAll("optgroup")];
  const worst = groups.reduce((best, group) => (missesOf(group) > missesOf(best) ? group : best));
  const options = ready.value === "worst" ? [...worst.children] : [ready.selectedOptions[0]];
  const next = options[(options.findIndex(({ value }) => value === text.value) + 1) % options.length];
  ready.value = "";
  text.value = next.value;
  text.dispatchEvent(new Event("input"));
}

async function exportAll() {
  const answered = attempts.filter(({ output }) => output);
  const entries = answered.map(async ({ id, ...attempt }) => {
    const { recording } = await stored("files", "get", id);
    return { ...attempt, audio_uri: await dataUri(recording) };
  });
  const content = new Blob([JSON.stringify(await Promise.all(entries))], { type: "application/json" });
  const link = Object.assign(make("a", ""), { href: URL.createObjectURL(content), download: "attempts.json" });
  link.click();
  URL.revokeObjectURL(link.href);
}

async function forgetAll() {
  if (!confirm("Forget all attempts and their recordings?")) return;
  await Promise.all(["attempts", "files"].map((name) => stored(name, "clear")));
  attempts = [];
  shown.replaceChildren();
  drawAttempts();
  record.focus();
}

function receive(recording) {
  const spoken = recording && target();
  if (spoken) assess(recording, spoken);
}

record.addEventListener("click", () => toggleRecording(record, recorder?.state === "recording" || target()));
file.addEventListener("change", () => {
  receive(file.files[0]);
  file.value = ""; // the same file can be chosen again
});
text.addEventListener("input", () => {
  showProblem("");
  ipa.value = guessed.textContent = "";
  guessed.hidden = true;
  clearTimeout(typing);
  typing = setTimeout(writeIpa, TYPING_MILLISECONDS);
});
ready.addEventListener("change", () => ready.value && chooseSentence());
document.getElementById("export").addEventListener("click", exportAll);
document.getElementById("forget").addEventListener("click", forgetAll);
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

waitForModels();
writeIpa();
attempts = await stored("attempts", "getAll");
const last = attempts.findLast(({ output }) => output);
if (last) await show(last);
else drawAttempts();
