// Opens a session's note that can't be read at first, tries again, and saves it with one field changed.
// Reads {url, path} from standard input; says which buttons there were while it couldn't be read.
import { readInput, withPage } from "./browser.mjs";

const { url, path } = await readInput();

await withPage(async (page) => {
  await page.goto(`${url}/sign-in`);
  await page.evaluate(() => sessionStorage.setItem("token", "token"));
  await page.goto(url + path);
  await page.waitForSelector("[role=alert]");
  const buttons = await page.locator("main button").allTextContents();
  await page.click("[role=alert] button");
  await page.fill("[name=plan]", "rest");
  await page.click("button[type=submit]");
  await page.waitForSelector("[role=status]");
  process.stdout.write(JSON.stringify({ buttons: buttons.map((text) => text.trim()) }));
});
