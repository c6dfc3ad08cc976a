/* Shows what the server did to bring this page, and asks it again in other ways.
   Everything here is an extra: the page is complete without it. */
'use strict';

const $ = (id) => document.getElementById(id);
const longText = 'alphabet.txt';

/* ---- numbers as words ---- */

const inEnglish = (number, digits) => number.toLocaleString('en', { maximumFractionDigits: digits });

function size(bytes) {
    if (bytes < 1024) return `${bytes} B`;
    if (bytes < 1024 * 1024) return `${inEnglish(bytes / 1024, 1)} KiB`;
    return `${inEnglish(bytes / 1024 / 1024, 2)} MiB`;
}

const duration = (ms) => `${inEnglish(ms, ms < 10 ? 1 : 0)} ms`;
const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;

function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
}

/* ---- what you just saw ---- */

/* A browser reports a transfer of 0 for what it took from its own store. For what the server only
   confirmed it reports a transfer smaller than the content, or no content: no file here is empty. */
const isAsked = (entry) => entry.transferSize > 0;
const isConfirmed = (entry) => isAsked(entry) && (entry.encodedBodySize === 0 || entry.transferSize < entry.encodedBodySize);

function howItCame(entry) {
    if (!isAsked(entry)) return { badge: 'kept', text: 'not asked', words: 'the browser still had it' };
    if (isConfirmed(entry)) return { badge: 'kept', text: '304', words: 'confirmed' };
    return { badge: 'fresh', text: String(entry.responseStatus || 200), words: 'sent' };
}

function fileName(entry) {
    const path = new URL(entry.name).pathname;
    return path.endsWith('/') ? path : path.slice(path.lastIndexOf('/') + 1);
}

function row(entry, end) {
    const how = howItCame(entry);
    const tr = element('tr');
    const name = element('th', '', fileName(entry));
    name.scope = 'row';

    const came = element('td');
    came.append(element('span', `badge ${how.badge}`, how.text), element('span', 'words', how.words));

    const track = element('span', 'track');
    const percent = (ms) => `${(100 * ms / end).toFixed(2)}%`;
    const bar = (className, from, to) => {
        const part = element('i', className);
        part.style.setProperty('--from', percent(from));
        part.style.setProperty('--len', percent(to - from));
        track.append(part);
    };
    const answered = entry.responseStart || entry.responseEnd;
    bar('wait', entry.startTime, answered);
    bar('load', answered, entry.responseEnd);
    const when = element('td', 'when');
    when.append(track);

    tr.append(name, came, element('td', 'number', entry.encodedBodySize ? size(entry.encodedBodySize) : '–'),
              element('td', 'number', duration(entry.responseEnd - entry.startTime)), when);
    return tr;
}

function showWhatCame() {
    const page = performance.getEntriesByType('navigation')[0];
    if (!page) return;
    const entries = [page, ...performance.getEntriesByType('resource')
        .filter((entry) => ['link', 'css', 'script', 'img'].includes(entry.initiatorType))]
        .sort((a, b) => a.startTime - b.startTime);
    const end = Math.max(...entries.map((entry) => entry.responseEnd));

    const asked = entries.filter(isAsked);
    const confirmed = asked.filter(isConfirmed);
    const sent = asked.filter((entry) => !isConfirmed(entry));
    const bytes = sent.reduce((sum, entry) => sum + entry.encodedBodySize, 0);
    const protocol = { 'http/1.1': 'HTTP/1.1', 'http/1.0': 'HTTP/1.0', h2: 'HTTP/2', h3: 'HTTP/3' }[page.nextHopProtocol]
        || page.nextHopProtocol || 'HTTP';

    $('files').replaceChildren(...entries.map((entry) => row(entry, end)));
    $('figure-requests').textContent = asked.length;
    $('figure-bytes').textContent = size(bytes);
    $('figure-protocol').textContent = protocol;
    $('figure-first').textContent = duration(page.responseStart - page.requestStart);

    let words = `This page came in ${count(asked.length, 'request')}, ${size(bytes)} of content, over ${protocol}.`;
    if (confirmed.length) words += ` ${count(confirmed.length, 'file')} had not changed, so the server sent no content for ${confirmed.length === 1 ? 'it' : 'them'}.`;
    if (entries.length > asked.length) words += ` ${count(entries.length - asked.length, 'file')} came from the browser's own store.`;
    $('summary').textContent = words;
    $('seen-live').hidden = false;
}

/* ---- ask the server ---- */

/* Always past the browser's own store, so that what is shown is what the server said. */
async function ask(method, target, fields = {}) {
    const began = performance.now();
    const response = await fetch(target, { method, headers: fields, cache: 'no-store' });
    const body = await response.text();
    return { method, path: new URL(target, document.baseURI).pathname, fields, response, body, ms: performance.now() - began };
}

const properCase = (name) => (name === 'etag' ? 'ETag' : name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase()));

function fieldLines(fields) {
    return fields.flatMap(([name, value]) => ['\n', element('span', 'name', `${properCase(name)}:`), ` ${value}`]);
}

function showAnswer({ method, path, fields, response, body, ms }, remark) {
    const most = 640;
    $('answer-question').replaceChildren(element('b', '', `${method} ${path}`), ...fieldLines(Object.entries(fields)));
    $('answer-time').textContent = `${response.status} in ${duration(ms)}`;

    const head = [element('b', '', `${response.status} ${response.statusText}`.trim()), ...fieldLines([...response.headers])];
    let text = body;
    if (body.length > most) text = `${body.slice(0, most)}\n[and ${inEnglish(body.length - most, 0)} more characters]`;
    if (remark) text = remark;
    head.push(element('span', 'body', text || '(no content)'));
    $('answer-head').replaceChildren(...head);
}

async function run(button, question) {
    if (button.getAttribute('aria-disabled') === 'true') return;
    button.setAttribute('aria-disabled', 'true');
    try {
        const answer = await question();
        showAnswer(answer, answer.remark);
    } catch (error) {
        $('answer-time').textContent = '';
        $('answer-head').textContent = `No answer. ${error.message}`;
    } finally {
        button.removeAttribute('aria-disabled');
    }
}

async function askWithCondition() {
    const { response } = await ask('HEAD', './');
    const tag = response.headers.get('etag');
    const date = response.headers.get('last-modified');
    if (tag) return ask('GET', './', { 'If-None-Match': tag });
    if (date) return ask('GET', './', { 'If-Modified-Since': date });
    const answer = await ask('GET', './');
    answer.remark = '(This server names no version, so no condition can be sent.)';
    return answer;
}

function askForRange() {
    const [first, last] = [$('range-first').valueAsNumber, $('range-last').valueAsNumber].sort((a, b) => a - b);
    return ask('GET', longText, { Range: `bytes=${first}-${last}` });
}

async function askForFolder() {
    const answer = await ask('GET', 'about');
    answer.remark = answer.response.redirected
        ? `(The server sent a redirect. The browser followed it to ${new URL(answer.response.url).pathname}: the answer above is from there.)`
        : '(This server sent no redirect.)';
    return answer;
}

/* ---- the commands: this server's own address and the current version of this page ---- */

function fitCommands(tag) {
    $('other-address').hidden = true;
    for (const command of document.querySelectorAll('[data-command]')) {
        command.textContent = command.textContent.replace('http://127.0.0.1:8080', location.origin);
        if ('condition' in command.dataset && tag && !tag.includes("'")) {
            command.textContent = command.textContent.replace(': *', `: ${tag}`);
            $('any-version').hidden = true;
        }
    }
}

async function begin() {
    showWhatCame();
    $('try-live').hidden = false;
    $('ask-head').addEventListener('click', (event) => run(event.currentTarget, () => ask('HEAD', './')));
    $('ask-condition').addEventListener('click', (event) => run(event.currentTarget, askWithCondition));
    $('ask-folder').addEventListener('click', (event) => run(event.currentTarget, askForFolder));
    $('range-form').addEventListener('submit', (event) => {
        event.preventDefault();
        run($('ask-range'), askForRange);
    });
    await run($('ask-head'), async () => {
        const answer = await ask('HEAD', './');
        fitCommands(answer.response.headers.get('etag'));
        return answer;
    });
    document.documentElement.dataset.ready = '';
}

/* One turn after load, so that the page's own timing is complete. */
if (location.protocol.startsWith('http')) addEventListener('load', () => setTimeout(begin, 0));
