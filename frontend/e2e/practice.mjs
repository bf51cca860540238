// A therapist's day on the practice page, patient data in every place that a browser has, then every kind of error.
// Reads {url, other, random, patient} from standard input; prints what the page sent and what it logged.
import { readInput, withPage } from "./browser.mjs";

const { url, other, random, patient } = await readInput();
const DEADLINE = 90_000;

const sent = [];
let logged = [];

await withPage(async (page, said) => {
  logged = said;
  page.setDefaultTimeout(DEADLINE);
  page.on("requestfinished", (request) => sent.push(record(request)));
  page.on("requestfailed", (request) => sent.push(record(request)));
  // One draw decides what is sampled; ids don't come from it.
  await page.addInitScript(`Math.random = () => ${random}`);

  await page.goto(`${url}/sign-in`);
  await page.fill("input[name=practice]", "A practice");
  await page.click("button:text-is('Open')");
  await page.waitForURL("**/appointments");

  await addClient(page);
  const clientPage = page.url();
  await writeNote(page);
  await visit(page, "Diagnostics", "**/diagnostics");
  await plant(page, clientPage);
  await fail(page);
  await until(() => bodies("replay_recording").length > 0, "a recording");
  if (random === 0) await until(() => bodies('"type":"transaction"').length > 0, "a transaction");
  // Hidden, a page sends what it still holds.
  await page.goto("about:blank");
});

process.stdout.write(JSON.stringify({ sent: await Promise.all(sent), logged }));

async function addClient(page) {
  await visit(page, "Clients", "**/clients");
  for (const field of ["name", "phone", "email", "diagnosis"]) await page.fill(`form.card [name=${field}]`, patient[field]);
  await page.click("button:text-is('Add client')");
  await page.fill("input[name=search]", patient.name);
  await page.click("button:text-is('Search')");
  await page.click("ul.list a");
  await page.waitForURL("**/clients/*");
  await page.fill("input[name=starts-at]", tomorrow());
  await answered(page, "/api/v1/appointments", () => page.click("button:text-is('Book')"));
}

async function writeNote(page) {
  await visit(page, "Appointments", "**/appointments");
  await page.click("a:text-is('Note')");
  await page.waitForURL("**/note");
  await page.fill("textarea[name=subjective]", patient.note);
  await page.type("textarea[name=assessment]", patient.name);
  await page.click("button:text-is('Save note')");
  await page.waitForSelector("text=Saved");
}

/** Puts the patient where programs do by mistake: title, address, storage, cookie, elements, styles, history. */
async function plant(page, clientPage) {
  await page.evaluate(
    ({ patient, clientPage }) => {
      document.title = patient.name;
      document.cookie = `patient=${encodeURIComponent(patient.name)}`;
      localStorage.setItem("patient", patient.name);
      const element = document.createElement("x-patient");
      for (const name of ["id", "class", "title", "alt", "placeholder", "aria-label", "data-name", "href", "style"]) {
        element.setAttribute(name, patient.name);
      }
      element.textContent = patient.note;
      const image = document.createElement("img");
      image.src = `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg"><text>${patient.name}</text></svg>`)}`;
      image.alt = patient.name;
      const canvas = document.createElement("canvas");
      canvas.getContext("2d").fillText(patient.name, 0, 10);
      const text = document.createTextNode(patient.phone);
      element.append(image, canvas, text, document.createComment(patient.name));
      document.querySelector("main").append(element);
      element.setAttribute("data-phone", patient.phone);
      text.data = `${patient.name} ${patient.phone}`;
      const sheet = new CSSStyleSheet();
      sheet.insertRule(`main::after { content: ${JSON.stringify(patient.name)} }`);
      sheet.insertRule(`.row { color: red }`);
      document.adoptedStyleSheets = [sheet];
      element.attachShadow({ mode: "open" }).innerHTML = `<p title="x">${patient.email}</p>`;
      performance.mark(patient.name);
      performance.measure(patient.name);
      history.pushState({ patient }, patient.name, `${clientPage}?name=${encodeURIComponent(patient.name)}#${encodeURIComponent(patient.phone)}`);
      history.pushState({}, "", `/diagnostics?search=${encodeURIComponent(patient.email)}`);
    },
    { patient, clientPage },
  );
}

async function fail(page) {
  await page.fill("input[name=patient]", patient.name);
  // One click is slow enough to be measured.
  await page.evaluate(() => {
    addEventListener("click", () => { for (const end = performance.now() + 150; performance.now() < end;); }, { once: true });
  });
  await page.click("#log");
  await page.click("#throw-named");
  await page.click("#reject");
  await page.click("#throw");
  await answered(page, "/test/sentry", () => page.click("#backend"));
  await answered(page, "/api/v1/clients/", () => raise(page));
  await until(() => bodies('{"type":"event"}').length > 0, "an event");
}

/** Errors as scripts raise them, each in a task of its own, so that the page's handlers see it. */
async function raise(page) {
  await page.evaluate(
    ({ patient, other }) => {
      const later = (task) => setTimeout(task, 0);
      later(() => fetch(`${other}/patients/${encodeURIComponent(patient.name)}?phone=${encodeURIComponent(patient.phone)}`));
      later(() => {
        const request = new XMLHttpRequest();
        request.open("GET", `/api/v1/clients/${encodeURIComponent(patient.name)}?q=${encodeURIComponent(patient.note)}`);
        request.send();
      });
      later(() => console.warn("Diagnosis", patient.diagnosis));
      later(() => JSON.parse(`{"patient": ${patient.name}}`));
      later(() => ({})[patient.name].phone);
      later(() => {
        throw Object.assign(new Error("outer", { cause: new Error(patient.note) }), { name: patient.name, patient });
      });
      later(() => {
        throw new AggregateError([new Error(patient.phone), new Error(patient.email)], patient.name);
      });
      later(() => {
        throw { name: patient.name, phone: patient.phone };
      });
      later(() => {
        throw patient.name;
      });
      later(() => {
        class Named extends Error {}
        Object.defineProperty(Named, "name", { value: patient.name });
        const named = { [patient.name]: () => new Named(patient.note) };
        throw named[patient.name]();
      });
      later(() => void Promise.reject(patient.note));
      later(() => new Function(`/* ${patient.name} */ throw new Error(${JSON.stringify(patient.name)})\n//# sourceURL=${encodeURIComponent(patient.name)}.js`)());
    },
    { patient, other },
  );
}

/** Does `act`, and waits for the answer to the request that it makes. */
async function answered(page, path, act) {
  const answer = page.waitForResponse((response) => response.url().includes(path));
  await act();
  await answer;
}

async function visit(page, link, address) {
  await page.click(`nav >> text=${link}`);
  await page.waitForURL(address);
}

async function until(condition, what) {
  const deadline = Date.now() + DEADLINE;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Requests with `text` in their body, as far as it isn't deflated. */
function bodies(text) {
  return sent.filter((request) => request.body.includes(text));
}

function record(request) {
  return {
    method: request.method(),
    url: request.url(),
    headers: request.headers(),
    body: request.postDataBuffer()?.toString("latin1") ?? "",
  };
}

function tomorrow() {
  return new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
}
