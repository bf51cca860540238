// A headless Chromium of the system, with nothing of its own on the network.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Runs `use` with a fresh page, and closes the browser whatever happens. */
export async function withPage(use) {
  const profile = mkdtempSync(join(tmpdir(), "page-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: FLAGS,
    locale: "en-GB",
    ignoreHTTPSErrors: true,
  });
  const page = await context.newPage();
  const logged = [];
  page.on("console", (message) => logged.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => logged.push(`error: ${error.message}`));
  try {
    return await use(page, logged);
  } catch (error) {
    console.error(page.url(), logged.slice(-20).join("\n"));
    throw error;
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

/** Runs each of `uses` with a fresh page, side by side in one browser; none of the pages knows what another one keeps. */
export async function withPages(uses) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
  try {
    return await Promise.all(uses.map(async (use) => use(await (await browser.newContext({ locale: "en-GB" })).newPage())));
  } finally {
    await browser.close();
  }
}

/** The JSON on standard input. */
export async function readInput() {
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  return JSON.parse(text);
}
