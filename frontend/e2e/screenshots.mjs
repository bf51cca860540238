// Takes pictures of every view of the built page, narrow and wide, left to right and right to left, filled, empty and failed.
// `node e2e/screenshots.mjs <folder> [<the built page>]`; the API is played by this script. Fails where a view doesn't show what it should,
// or is laid out otherwise.
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withPage } from "./browser.mjs";

const [, , folder = "screenshots", root = fileURLToPath(new URL("../page/dist", import.meta.url))] = process.argv;
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
const CLIENT = "0b7f3c1e-7a0b-4b63-9d1c-6a1f2b3c4d5e";

const clients = [
  { id: CLIENT, name: "Client One", phone: "+972 52-000-0001", email: "one@client.example", diagnosis: "First diagnosis" },
  { id: CLIENT.replace("0b", "1b"), name: "A client with a rather long name that doesn't fit", phone: "+972 52-000-0002", email: null, diagnosis: null },
  { id: CLIENT.replace("0b", "2b"), name: "מטופלת שלישית", phone: "052-0000003", email: null, diagnosis: null },
];
const appointments = clients.map(({ id }, index) => ({
  id: CLIENT.replace("0b", `${index}c`), client_id: id, starts_at: `2027-03-0${index + 1}T09:00:00Z`, ends_at: `2027-03-0${index + 1}T09:50:00Z`,
  purpose: null, cancel_reason: index === 1 ? "client_request" : null,
}));

let mode = "filled";

function api(path) {
  if (path.startsWith("/api/v1/clients/")) return clients[0];
  if (path.startsWith("/api/v1/clients")) return mode === "empty" ? [] : clients;
  if (path.endsWith("/note")) return { subjective: "", objective: "", assessment: "", plan: "" };
  return mode === "empty" ? [] : appointments;
}

const server = createServer((request, response) => {
  const path = request.url.split("?")[0];
  if (path.startsWith("/api/")) {
    response.writeHead(mode === "failed" ? 503 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(mode === "failed" ? {} : api(path)));
    return;
  }
  const file = path.startsWith("/assets/") ? path : "/index.html";
  const headers = { "content-type": TYPES[extname(file)] ?? "application/octet-stream" };
  // What has a digest in its name is compiled once.
  response.writeHead(200, file === path ? { ...headers, "cache-control": "max-age=600" } : headers);
  response.end(readFileSync(join(root, file)));
});

await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const url = `http://127.0.0.1:${server.address().port}`;
mkdirSync(folder, { recursive: true });

const VIEWS = [
  ["sign-in", "/sign-in", "filled"],
  ["appointments", "/appointments", "filled"],
  ["appointments-empty", "/appointments", "empty"],
  ["appointments-failed", "/appointments", "failed"],
  ["clients", "/clients", "filled"],
  ["clients-empty", "/clients", "empty"],
  ["clients-failed", "/clients", "failed"],
  ["client", `/clients/${CLIENT}`, "filled"],
  ["client-failed", `/clients/${CLIENT}`, "failed"],
  ["note", `/appointments/${CLIENT}/note`, "filled"],
  ["note-failed", `/appointments/${CLIENT}/note`, "failed"],
  ["diagnostics", "/diagnostics", "filled"],
  ["not-found", "/nowhere", "filled"],
];

/** What is wrong with the layout of the page that is shown; runs in it. */
function faultsOf({ isActive, direction }) {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const box = (element) => element.getBoundingClientRect();
  const [header, links, tools] = [".inner", ".links", ".bar .tools"].map((selector) => box(document.querySelector(selector)));
  const middle = document.documentElement.clientWidth / 2;
  const isApart = links.bottom <= tools.top || links.right + 8 <= tools.left || tools.right + 8 <= links.left;
  return Object.entries({
    "wider than the screen": document.documentElement.scrollWidth > window.innerWidth,
    "not in its language's direction": document.documentElement.dir !== direction,
    "no link is shown as the active one": isActive && new Set(all("nav a").map((link) => getComputedStyle(link).borderBottomColor)).size !== 2,
    "the header isn't centred": Math.abs((header.left + header.right) / 2 - middle) > 1,
    "links touch buttons": !isApart,
    "a button is as wide as its form": all(".card button").some((button) => box(button).width > 0.9 * box(button.parentElement).width),
    "a phone number is broken": all(".phone").some((phone) => box(phone).height > 1.9 * parseFloat(getComputedStyle(phone).lineHeight)),
  })
    .filter(([, isSo]) => isSo)
    .map(([fault]) => fault);
}

await withPage(async (page) => {
  for (const language of ["en", "he"]) {
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      for (const [name, path, shown] of VIEWS) {
        // The first two views: nobody is signed in, then somebody is, for the rest of the views.
        if (name === VIEWS[0][0] || name === VIEWS[1][0]) {
          mode = "filled";
          await page.goto(`${url}/sign-in`);
          await page.evaluate(
            ([language, signedIn]) => {
              localStorage.setItem("language", language);
              if (signedIn) sessionStorage.setItem("token", "token");
              else sessionStorage.removeItem("token");
            },
            [language, name !== "sign-in"],
          );
        }
        mode = shown;
        await page.goto(url + path);
        await page.waitForSelector({ failed: "[role=alert]", empty: ".empty" }[shown] ?? (name === "note" ? "textarea" : "h1"));
        if (name === "diagnostics") {
          await page.click("#log");
          await page.waitForSelector("[role=status]");
        }
        const faults = await page.evaluate(faultsOf, { isActive: /^(?:appointments|clients|diagnostics)/.test(name), direction: language === "he" ? "rtl" : "ltr" });
        if (faults.length > 0) throw new Error(`${name} at ${width} px (${language}): ${faults.join(", ")}`);
        await page.screenshot({ path: join(folder, `${language}-${width}-${name}.png`), fullPage: true });
      }
    }
  }
});
server.close();
