// Clicks through an application and waits for what it sends.
// Reads {url, name, clicks, awaited} from standard input; a click is a selector, `awaited` are texts of what is sent.
import { readInput, withPage } from "./browser.mjs";

const { url, name, clicks, awaited } = await readInput();

await withPage(async (page, logged) => {
  const sent = [];
  page.on("requestfinished", (request) => sent.push(request.postDataBuffer()?.toString("latin1") ?? ""));
  await page.addInitScript("Math.random = () => 0");
  await page.goto(`${url}/?name=${name}`);
  for (const selector of clicks) {
    await page.click(selector);
    await page.waitForTimeout(60);
  }
  for (const deadline = Date.now() + 60_000; !awaited.every((text) => sent.some((body) => body.includes(text))); await page.waitForTimeout(50)) {
    if (Date.now() > deadline) throw new Error("waited for what the page sends");
  }
  await page.goto("about:blank");
  process.stdout.write(JSON.stringify({ logged }));
});
