/* A page of an example in a real browser, with everything it complains of written down.

   CHROMIUM   the browser; else /usr/bin/chromium */

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

export const STEP_MS_MAX = 10_000;

/* Opens `url`, calls visit(page), and fails when the page complained or asked somebody else.
   `expected`: complaints that are part of the visit. */
export async function visitPage(url, visit, expected = []) {
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
        args: ['--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
    });
    try {
        const page = await browser.newPage();
        const troubles = [];
        page.setDefaultTimeout(STEP_MS_MAX);
        page.on('pageerror', (error) => troubles.push(`page error: ${error}`));
        page.on('console', (message) => {
            if (['error', 'warning', 'assert'].includes(message.type())) troubles.push(message.text());
        });
        page.on('request', (request) => {
            if (!request.url().startsWith(url)) troubles.push(`stranger: ${request.url()}`);
        });
        await page.goto(url);
        await visit(page);
        assert.deepEqual(troubles.filter((trouble) => !expected.some((each) => each.test(trouble))), []);
    } finally {
        await browser.close();
    }
}
