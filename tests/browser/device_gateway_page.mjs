/* The page of a device as a person uses it. PAGE_URL: where the example device_gateway serves. */

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { visitPage } from './page.mjs';

test('the temperature is live, the light stays on, a firmware is installed', async () => {
    await visitPage(process.env.PAGE_URL, async (page) => {
        const shown = () => page.locator('output').innerText();
        const changed = (from) => page.waitForFunction((old) => document.querySelector('output').textContent !== old, from);
        await changed('...');
        const first = await shown();
        assert.match(first, /^2\d\.\d$/);
        await changed(first);
        assert.match(await shown(), /^2\d\.\d$/);

        const answered = page.waitForResponse((answer) => answer.request().method() === 'POST');
        await page.check('[type=checkbox]');
        assert.equal((await answered).status(), 204);
        await page.reload();
        await page.waitForFunction(() => document.querySelector('[type=checkbox]').checked);

        await page.setInputFiles('[type=file]', { name: 'f.bin', mimeType: 'application/octet-stream', buffer: Buffer.from('from a browser') });
        await page.click('button');
        await page.waitForURL('**/firmware');
        assert.match(await page.locator('body').innerText(), /^[0-9a-f]{64}\s*$/);
    }, [/favicon|404/]);
});
