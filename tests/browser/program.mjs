/* Starts the program under test, finds its address in its banner, and stops it.
   Every wait has a deadline; what the program wrote is part of every error. */

import { spawn } from 'node:child_process';

const START_MS_MAX = 10_000;
const STOP_MS_MAX = 10_000;
const URL_OF_BANNER = /http:\/\/127\.0\.0\.1:(\d{1,5})\//;

export class Program {
    #process;
    #written = '';
    #ended;

    /* Resolves when the banner names the address; rejects when the program ends first or is silent. */
    static async start(path, folder) {
        const program = new Program();
        await program.#start(path, folder);
        return program;
    }

    async #start(path, folder) {
        this.#process = spawn(path, ['--listen', '127.0.0.1:0', folder], { stdio: ['ignore', 'pipe', 'pipe'] });
        this.#ended = new Promise((resolve) => {
            this.#process.once('error', (error) => resolve({ error }));
            this.#process.once('close', (code, signal) => resolve({ code, signal }));
        });
        this.#process.stderr.on('data', (data) => { this.#written += data; });

        let banner = '';
        const named = new Promise((resolve) => {
            this.#process.stdout.on('data', (data) => {
                this.#written += data;
                if (this.url) return;
                banner += data;
                const match = URL_OF_BANNER.exec(banner);
                if (!match) return;
                this.url = match[0];
                resolve();
            });
        });
        const end = await within(START_MS_MAX, Promise.race([named, this.#ended]), () => this.#report('named no address in its banner'));
        if (end) throw new Error(this.#report(`ended before it named its address (${JSON.stringify(end)}) ${end.error ?? ''}`));
    }

    /* Asks it to end, and resolves to { code, signal }. */
    async stop() {
        this.#process.kill('SIGTERM');
        return within(STOP_MS_MAX, this.#ended, () => this.#report('did not end after SIGTERM'));
    }

    /* For the end of a test that failed: does nothing to a program that has ended. */
    kill() {
        this.#process.kill('SIGKILL');
    }

    #report(what) {
        return `the program ${what}; it wrote:\n${this.#written.slice(-4000) || '(nothing)'}`;
    }
}

async function within(ms, promise, message) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`after ${ms} ms: ${message()}`)), ms);
    });
    try {
        return await Promise.race([promise, late]);
    } finally {
        clearTimeout(timer);
    }
}
