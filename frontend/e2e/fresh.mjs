// Uses the fresh application, plants a name in it, starts Sentry once more, and says what the page logged.
import { readInput, withPage } from "./browser.mjs";

const { url, name } = await readInput();

await withPage(async (page, logged) => {
  const sent = [];
  page.on("requestfinished", (request) => sent.push(request.postDataBuffer()?.toString("latin1") ?? ""));
  const until = async (condition) => {
    for (const deadline = Date.now() + 60_000; !condition(); await page.waitForTimeout(50)) {
      if (Date.now() > deadline) throw new Error("waited for what the page sends");
    }
  };
  await page.addInitScript("Math.random = () => 0");
  await page.goto(`${url}/?name=${name}`);
  await page.waitForSelector("#mounted");
  await page.click("#second");
  await page.mouse.move(20, 20);
  await page.click("#signature", { position: { x: 85, y: 20 } });
  await page.evaluate(() => globalThis.plant());
  await page.click("#fail");
  await until(() => sent.some((body) => body.includes("The fresh application failed")) && sent.some((body) => body.includes("replay_recording")));
  const before = sent.length;
  await page.evaluate(() => globalThis.startAgain());
  await until(() => sent.length > before + 1);
  await page.goto("about:blank");
  process.stdout.write(JSON.stringify({ logged }));
});
