/* The wall as two people use it. PAGE_URL: where the example events serves an empty wall. */

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { visitPage } from './page.mjs';

const NO_ICON = /favicon|404/;

test('what one writes the other sees at once', async () => {
    await visitPage(process.env.PAGE_URL, async (one) => {
        await visitPage(process.env.PAGE_URL, async (other) => {
            await one.fill('input', '<b>Hello</b>');
            await one.click('button');
            for (const page of [one, other]) await page.locator('li', { hasText: '<b>Hello</b>' }).waitFor();
            assert.equal(await one.inputValue('input'), '');
            await other.fill('input', 'Yes?');
            await other.click('button');
            await one.locator('li', { hasText: 'Yes?' }).waitFor();
            assert.deepEqual(await one.locator('li').allInnerTexts(), ['Yes?', '<b>Hello</b>']);
        }, [NO_ICON]);
        await one.reload(); // the wall is still there
        await one.locator('li', { hasText: 'Yes?' }).waitFor();
    }, [NO_ICON]);
});
