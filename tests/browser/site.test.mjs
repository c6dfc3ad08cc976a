/* Does a person see what we mean? The example site in a real browser, served by the real program.

   LINNET_PROGRAM  the program to test (needed)
   CHROMIUM        the browser; else /usr/bin/chromium
   SCREENSHOT_DIR  where pictures of the pages go; else none are made

   The tests run in the order of this file; the last one stops the program while the browser still
   holds its connections. */

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { Program } from './program.mjs';

const SITE = fileURLToPath(new URL('../../examples/site', import.meta.url));
const SCREENSHOT_DIR = process.env.SCREENSHOT_DIR;
const STEP_MS_MAX = 10_000;
const READY = 'html[data-ready]';

const SCHEMES = ['light', 'dark'];
const WIDTHS_PX = [1200, 380];

/* The files of the first page, and the media type each must have. */
const filesOf = (scheme) => ({
    '/': 'text/html',
    '/style.css': 'text/css',
    '/show.js': 'text/javascript',
    '/favicon.svg': 'image/svg+xml',
    '/linnet.svg': 'image/svg+xml',
    [scheme === 'dark' ? '/heath-night.jpg' : '/heath-day.jpg']: 'image/jpeg',
});

let program;
let browser;

before(async () => {
    assert.ok(process.env.LINNET_PROGRAM, 'LINNET_PROGRAM must name the program to test');
    program = await Program.start(path.resolve(process.env.LINNET_PROGRAM), SITE);
    browser = await chromium.launch({
        executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
        args: ['--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
    });
});

after(async () => {
    await browser?.close();
    program?.kill();
});

/* A page in a context of its own, hence with an empty cache, that writes down all that happens to it. */
async function open(options = {}) {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_MS_MAX);
    const seen = { requests: [], responses: [], troubles: [] };
    context.on('request', (request) => seen.requests.push(request.url()));
    context.on('response', (response) => seen.responses.push(response));
    context.on('requestfailed', (request) => seen.troubles.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
    page.on('pageerror', (error) => seen.troubles.push(`page error: ${error}`));
    page.on('console', (message) => {
        if (['error', 'warning', 'assert'].includes(message.type())) seen.troubles.push(`console: ${message.text()}`);
    });
    return { context, page, seen };
}

function assertQuiet(seen) {
    assert.deepEqual(seen.troubles, []);
    const strangers = seen.requests.filter((url) => !url.startsWith(program.url) && !url.startsWith('data:'));
    assert.deepEqual(strangers, [], 'requests that did not go to the program');
    assert.ok(seen.requests.length > 0);
}

async function screenshot(page, name) {
    if (!SCREENSHOT_DIR) return;
    await mkdir(SCREENSHOT_DIR, { recursive: true });
    await page.screenshot({ path: path.join(SCREENSHOT_DIR, `${name}.png`), fullPage: true });
}

/* What the server sent to a page, before the browser's cache shows a 304 as a 200. */
async function listenOnTheWire(context, page) {
    const session = await context.newCDPSession(page);
    const wire = new EventEmitter();
    const urls = new Map();
    const answers = [];
    /* The two events come from different processes of the browser: their order is not fixed. */
    session.on('Network.requestWillBeSent', ({ requestId, request }) => {
        urls.set(requestId, request.url);
        wire.emit('news');
    });
    session.on('Network.responseReceivedExtraInfo', ({ requestId, statusCode }) => {
        answers.push({ requestId, status: statusCode });
        wire.emit('news');
    });
    await session.send('Network.enable');

    /* Resolves to the statuses of the first `count` answers to this address. */
    return async (url, count) => {
        const signal = AbortSignal.timeout(STEP_MS_MAX);
        const found = () => answers.filter(({ requestId }) => urls.get(requestId) === url).map(({ status }) => status);
        while (found().length < count) await once(wire, 'news', { signal });
        return found();
    };
}

const answerOf = async (page, status) => {
    await page.locator('#answer-time', { hasText: `${status} in ` }).waitFor();
    return page.locator('#answer-head').innerText();
};

for (const scheme of SCHEMES) {
    test(`the first page comes whole and without a complaint, ${scheme}`, async () => {
        const { context, page, seen } = await open({ colorScheme: scheme });
        const response = await page.goto(program.url);
        assert.equal(response.status(), 200);
        await page.locator(READY).waitFor({ state: 'attached' });

        for (const [file, type] of Object.entries(filesOf(scheme))) {
            const found = seen.responses.find((each) => new URL(each.url()).pathname === file);
            assert.ok(found, `${file} was not asked for`);
            assert.equal(found.status(), 200, file);
            assert.equal((found.headers()['content-type'] ?? '').split(';')[0].trim(), type, file);
        }
        const broken = await page.$$eval('img', (images) => images.filter((image) => !image.complete || image.naturalWidth === 0).map((image) => image.src));
        assert.deepEqual(broken, []);
        assert.match(await page.locator('#summary').innerText(), /^This page came in 6 requests, .* over HTTP\/1\.1\.$/);
        assert.match(await page.locator('#answer-head').innerText(), /^200/);

        const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        const brightness = Number(/\d+/.exec(paper)[0]);
        assert.ok(scheme === 'dark' ? brightness < 64 : brightness > 192, `the page is ${paper}`);

        for (const width of WIDTHS_PX) {
            await page.setViewportSize({ width, height: 900 });
            await screenshot(page, `site-${scheme}-${width}`);
        }
        await page.setViewportSize({ width: 360, height: 900 });
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360, 'the page is wider than the window');
        assertQuiet(seen);
        await context.close();
    });
}

test('a second load is confirmed or not asked, and a forced one is answered 304', async () => {
    const { context, page, seen } = await open();
    await page.goto(program.url);
    await page.locator(READY).waitFor({ state: 'attached' });
    const statusesOf = await listenOnTheWire(context, page);

    await page.reload();
    await page.locator(READY).waitFor({ state: 'attached' });
    const badges = await page.$$eval('#files .badge', (all) => all.map((each) => each.textContent));
    assert.equal(badges.length, 6);
    assert.deepEqual(badges.filter((badge) => badge !== '304' && badge !== 'not asked'), [], 'files that were sent a second time');

    const forced = () => page.evaluate(async () => {
        const response = await fetch('style.css?forced', { cache: 'no-cache' });
        return { status: response.status, length: (await response.text()).length };
    });
    const first = await forced();
    const second = await forced();
    assert.deepEqual(await statusesOf(`${program.url}style.css?forced`, 2), [200, 304]);
    assert.equal(second.status, 200);
    assert.equal(second.length, first.length);
    assert.ok(first.length > 1000);
    assertQuiet(seen);
    await context.close();
});

test('the button with a condition shows 304', async () => {
    const { context, page, seen } = await open();
    await page.goto(program.url);
    await page.locator(READY).waitFor({ state: 'attached' });
    await page.click('#ask-condition');
    assert.match(await answerOf(page, 304), /^304 Not Modified\n[^]*\(no content\)$/);
    assert.match(await page.locator('#answer-question').innerText(), /^GET \/\nIf-None-Match: (W\/)?".+"$/);
    assertQuiet(seen);
    await context.close();
});

test('the button with a range shows 206 and the right bytes', async () => {
    const { context, page, seen } = await open();
    await page.goto(program.url);
    await page.locator(READY).waitFor({ state: 'attached' });

    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz';
    await page.click('#ask-range');
    const first = await answerOf(page, 206);
    assert.match(first, /^206 Partial Content\n/);
    assert.match(first, /\nContent-Range: bytes 0-99\/1048576\n/);
    assert.match(first, /\nContent-Length: 100\n/);
    assert.equal(await page.locator('#answer-head .body').textContent(), `00000000  ${letters}\n00000064  ${letters.slice(0, 26)}`);
    await screenshot(page, 'range');

    await page.fill('#range-first', '1048512');
    await page.fill('#range-last', '1048575');
    await page.click('#ask-range');
    await page.locator('#answer-question', { hasText: '1048512' }).waitFor();
    assert.match(await answerOf(page, 206), /\nContent-Range: bytes 1048512-1048575\/1048576\n/);
    assert.equal(await page.locator('#answer-head .body').textContent(), `01048512  ${letters}\n`);
    assertQuiet(seen);
    await context.close();
});

test('a folder without its slash redirects to the folder', async () => {
    const { context, page, seen } = await open();
    const response = await page.goto(`${program.url}about`);
    assert.equal(response.url(), `${program.url}about/`);
    assert.equal(response.status(), 200);
    const from = response.request().redirectedFrom();
    assert.ok(from, 'there was no redirect');
    assert.equal(from.url(), `${program.url}about`);
    assert.ok([301, 308].includes((await from.response()).status()));
    assert.equal(await page.locator('h1').innerText(), 'A small folder, a small bird.');
    assert.ok(await page.$eval('img.bird', (image) => image.complete && image.naturalWidth > 0));
    await screenshot(page, 'about');

    await page.click('text=Back to the first page');
    await page.locator(READY).waitFor({ state: 'attached' });
    await page.click('#ask-folder');
    await page.locator('#answer-question', { hasText: 'GET /about' }).waitFor();
    assert.match(await answerOf(page, 200), /followed it to \/about\//);
    assertQuiet(seen);
    await context.close();
});

test('every link of the site leads to something', async () => {
    const { context, page, seen } = await open();
    const links = new Set();
    for (const start of ['', 'about/']) {
        await page.goto(program.url + start);
        if (start === '') await page.locator(READY).waitFor({ state: 'attached' });
        for (const link of await page.$$eval('a[href], link[href]', (all) => all.map((each) => each.href))) links.add(link.split('#')[0]);
    }
    assert.ok(links.size >= 8);
    for (const link of links) {
        const response = await context.request.get(link);
        assert.equal(response.status(), 200, link);
        assert.ok((await response.body()).length > 0, link);
    }
    assertQuiet(seen);
    await context.close();
});

test('a page that is not there is answered by a page that says so', async () => {
    const { context, page } = await open();
    const response = await page.goto(`${program.url}no/such/page`);
    assert.equal(response.status(), 404);
    assert.match(response.headers()['content-type'] ?? '', /^text\/html\b/);
    assert.match(await page.locator('body').innerText(), /404/);
    await screenshot(page, 'not-found');
    await context.close();
});

test('the page is complete without JavaScript', async () => {
    const { context, page, seen } = await open({ javaScriptEnabled: false });
    await page.goto(program.url);
    assert.equal(await page.locator('noscript .note').count(), 2);
    assert.ok(await page.locator('.commands').isVisible());
    assert.ok(!await page.locator('#seen-live').isVisible());
    assert.ok(!await page.locator('#try-live').isVisible());
    await screenshot(page, 'without-javascript');
    assertQuiet(seen);
    await context.close();
});

test('the commands on the page are answered as the page says', async () => {
    const { context, page, seen } = await open();
    await page.goto(program.url);
    await page.locator(READY).waitFor({ state: 'attached' });
    const commands = await page.$$eval('.commands li', (items) => items.map((item) => ({
        command: item.querySelector('[data-command]').textContent,
        status: item.querySelector('[data-expect]').textContent,
    })));
    assert.ok(commands.length >= 5);
    for (const { command, status } of commands) {
        assert.ok(command.startsWith('curl -') && command.includes(program.url), command);
        const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command], { timeout: STEP_MS_MAX, encoding: 'latin1' });
        assert.equal(/^HTTP\/1\.1 (\d{3})/.exec(stdout)?.[1], status, command);
    }
    assertQuiet(seen);
    await context.close();
});

test('the program ends with 0 on SIGTERM, though a browser is connected', async () => {
    const { page } = await open();
    await page.goto(program.url);
    await page.locator(READY).waitFor({ state: 'attached' });
    assert.deepEqual(await program.stop(), { code: 0, signal: null });
});
