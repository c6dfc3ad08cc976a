/* The to-do list as a person uses it. PAGE_URL: where the example json_api serves an empty list. */

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { visitPage } from './page.mjs';

const NO_ICON = /favicon|404/;

test('items are added, ticked off and removed, and stay', async () => {
    await visitPage(process.env.PAGE_URL, async (page) => {
        const rows = page.locator('li');
        const add = async (title) => {
            await page.fill('input[name=title]', title);
            await page.click('form button');
            await rows.filter({ hasText: title }).waitFor();
        };
        await add('Buy milk');
        await add('<b>Drink it</b>');
        assert.equal(await rows.count(), 2);
        assert.equal(await page.locator('b').count(), 0, 'a title is text');
        assert.equal(await page.inputValue('input[name=title]'), '');

        const answered = page.waitForResponse((answer) => answer.request().method() === 'PUT');
        await rows.nth(1).locator('input').check();
        assert.equal((await answered).status(), 200);
        await rows.nth(0).locator('button').click();
        await rows.filter({ hasText: 'Buy milk' }).waitFor({ state: 'detached' });

        await page.reload();
        await rows.filter({ hasText: 'Drink it' }).waitFor();
        assert.equal(await rows.count(), 1);
        assert.ok(await rows.locator('input').isChecked());
    }, [NO_ICON]);
});

test('what the server refuses is shown', async () => {
    await visitPage(process.env.PAGE_URL, async (page) => {
        await page.locator('input[name=title]').evaluate((input) => input.removeAttribute('maxlength'));
        await page.fill('input[name=title]', 'x'.repeat(101));
        await page.click('form button');
        await page.locator('[role=status]', { hasText: '422 Unprocessable Content' }).waitFor();
    }, [NO_ICON, /422/]);
});
