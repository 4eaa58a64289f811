// Opens a report in Chromium as readers do, and prints a line of JSON: by each claim, "" or why it does not hold. Of other
// pages it tells whether everybody can read them.
// usage: node report.mjs REPORT.html [NAME=PAGE.html]...
import axe from "axe-core";
import { chromium } from "playwright-core";
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

const address = pathToFileURL(process.argv[2]).href;
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const results = {};

/** Runs one claim in a page of its own; whatever the page asks for or complains about is told too. */
const claim = async (name, { at = "", of = address, ...options }, body) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const noise = [];
  page.on("request", (request) => {
    const url = request.url();
    if (url.split("#")[0] !== of && !url.startsWith("data:image/")) noise.push(`asks for ${url.slice(0, 80)}`);
  });
  page.on("console", (message) => noise.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => noise.push(String(error)));
  try {
    await page.goto(of + at);
    await body(page);
    results[name] = noise.join("; ");
  } catch (error) {
    results[name] = [String(error.message ?? error), ...noise].join("; ");
  }
  await context.close();
};
const equal = (seen, wanted, what) => {
  if (JSON.stringify(seen) !== JSON.stringify(wanted)) {
    throw new Error(`${what}: ${JSON.stringify(seen)}, and not ${JSON.stringify(wanted)}`);
  }
};
const shown = (page) => page.locator(".item[id]:visible").evaluateAll((items) => items.map((item) => item.id));
const focused = (page) => page.evaluate(() => document.activeElement.closest("[id]")?.id);

await claim("quiet", {}, async (page) => {
  await page.click("#unfold");
  await page.locator("img").first().scrollIntoViewIfNeeded();
  await page.waitForLoadState("networkidle");
  // Pictures are decoded when they come into view, whenever that is done.
  await page.waitForFunction(() => [...document.images].every((image) => image.naturalWidth > 0));
  equal(await page.locator("img").evaluateAll((all) => all.map((image) => image.naturalWidth > 0)), [true], "pictures");
});

await claim("filter", {}, async (page) => {
  const all = await shown(page);
  await page.fill("#search", "ROOM disk");
  equal(await shown(page), ["i2"], "found");
  equal(await page.locator("#items tbody tr:visible").count(), 1, "rows");
  equal(await page.locator("#found").textContent(), `1 of ${all.length} items`, "told");
  equal(await page.locator("#document pre.code:visible").count(), 1, "commands");
  await page.fill("#search", "# fine");
  equal(await shown(page), ["i1"], "found by its command");
  await page.press("#search", "Escape");
  equal(await shown(page), all, "Escape takes the search back");
  equal(await page.locator("#search").inputValue(), "", "emptied");
  await page.click("[data-show=fail]");
  equal(await shown(page), ["i2"], "failed");
  equal(await page.locator("[data-show=fail]").getAttribute("aria-pressed"), "true", "pressed");
  await page.click("[data-show=pass]");
  equal((await shown(page)).length, 3, "failed or passed");
  await page.click("[data-show=fail]");
  await page.click("[data-show=pass]");
  equal(await shown(page), all, "all again");
  await page.click("#unfold");
  equal(await page.locator("#document details:not([open])").count(), 0, "folded");
  await page.click("#fold");
  equal(await page.locator("#document details[open]").count(), 0, "unfolded");
});

await claim("keys", {}, async (page) => {
  await page.keyboard.press("/");
  equal(await focused(page), "search", "focus");
  await page.keyboard.type("j?");
  equal(await page.inputValue("#search"), "j?", "typed");
  await page.fill("#search", "");
  await page.keyboard.press("Escape");
  for (const id of ["i1", "i2", "i3"]) {
    await page.keyboard.press("j");
    equal(await focused(page), id, "next");
  }
  await page.keyboard.press("k");
  equal(await focused(page), "i2", "previous");
  await page.keyboard.press("?");
  equal(await page.locator("#keys").isVisible(), true, "the list of keys");
  await page.keyboard.press("Escape");
  equal(await page.locator("#keys").isVisible(), false, "the list of keys, closed");
});

await claim("links", { at: "#i1" }, async (page) => {
  equal(await page.locator("#i1").getAttribute("open"), "", "the item of the address");
  await page.click("#fold");
  await page.locator(".reasons a").first().click();
  // The page hears of its new address a moment later.
  await page.waitForFunction(() => document.querySelector("#i2").open);
});

await claim("without script", { javaScriptEnabled: false }, async (page) => {
  equal(await page.locator("#tools").isVisible(), false, "controls that would do nothing");
  equal((await page.locator(".item[id]:visible").count()) > 3, true, "items");
  await page.locator("#i1 > summary").click();
  equal(await page.locator("#i1 .answer").first().isVisible(), true, "an item unfolds");
});

await claim("narrow", { viewport: { width: 320, height: 800 } }, async (page) => {
  equal(await page.evaluate(() => document.scrollingElement.scrollWidth), 320, "width");
});

await claim("print", {}, async (page) => {
  await page.emulateMedia({ media: "print" });
  equal(await page.locator("#i1").getAttribute("open"), null, "folded");
  const box = await page.locator("#i1 .answer").first().boundingBox();
  equal((box?.height ?? 0) > 20, true, "what is folded prints");
});

const others = process.argv.slice(3).map((pair) => pair.split("="));
const pages = [["report", process.argv[2]], ...others].map(([name, path]) => [name, pathToFileURL(path).href]);
for (const [name, of] of pages) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [320, 1280, 3840]) {
      const options = { of, colorScheme, viewport: { width, height: 900 } };
      await claim(`accessible: ${name}, ${colorScheme}, ${width}`, options, async (page) => {
        await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
        equal(await page.evaluate(() => document.scrollingElement.scrollWidth), width, "width");
        await page.evaluate(axe.source);
        const found = await page.evaluate(() =>
          globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
        );
        const told = found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + " " + (node.failureSummary ?? "").replaceAll("\n", " ")).join(" | ")}`);
        equal(told, [], "violations");
      });
    }
  }
}

await browser.close();
console.log(JSON.stringify(results));
