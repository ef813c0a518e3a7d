// The page: the record as a text at every moment, what it comes to, and what is done with it.

const by = id => document.getElementById(id);
// Texts that are larger are looked at later, so that typing stays quick.
const LARGE = 200_000;
const LIMIT = 16 * 1024 * 1024;
const EXAMPLES = JSON.parse(by('examples').textContent);

const state = {
  name: '', text: '',
  // What the text was when it was opened or saved.
  kept: '',
  // Records that another one took the place of, the last one last.
  before: [],
  example: 0,
  form: undefined, screened: undefined,
};
let desk;

function today() {
  const now = new Date();
  const two = number => String(number).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

function ask(method, ...values) {
  return JSON.parse(desk[method](...values));
}

// Loads a record in place of the one that is there, which can be brought back.
function load(name, text, kept = text) {
  if (state.text.trim() !== '' && state.text !== text) state.before.push({ name: state.name, text: state.text, kept: state.kept });
  Object.assign(state, { name, text, kept });
  by('notation').value = 'auto';
  by('source').value = text;
  say([]);
  screen();
}

// Takes a text for the record that is there, changed.
function take(text) {
  state.text = text;
  if (by('source').value !== text) by('source').value = text;
  screen();
}

function screen() {
  by('today').textContent = today();
  state.screened = ask('screen', state.name, state.text, by('notation').value, today(), by('as-of').value);
  show();
}

function show() {
  const { screened } = state;
  showVerdict(screened);
  showProblems(screened);
  showResult(screened);
  showSheet(screened);
  const isOff = !screened.editable;
  by('form-off').hidden = !isOff;
  by('form-off').textContent = !isOff ? '' : ['fhir', 'response'].includes(screened.form)
    ? 'What was read is no record yet. “Turn it into a record”, below the text, makes one that can be added to.'
    : 'The text cannot be taken apart, so nothing can be answered here until it is mended.';
  by('questions').inert = isOff;
  state.form.fill(screened.answers, screened.problems);
  state.form.mark(screened.state === 'refused' ? [] : screened.report.next.map(one => one.fact));
  const words = { yaml: 'YAML', json: 'JSON', fhir: 'FHIR R4', response: 'an answered questionnaire' };
  by('read-as').textContent = `read as ${words[screened.form]}`;
  by('convert').hidden = !['fhir', 'response'].includes(screened.form) || screened.state !== 'screened';
  showKept();
}

function showKept() {
  const name = state.name || 'not from a file';
  const isEmpty = state.text.trim() === '';
  by('saved').textContent = isEmpty ? '' : state.text === state.kept ? name : `${name}, changed and not saved`;
  by('save').disabled = isEmpty;
  by('undo').hidden = state.before.length === 0;
}

const WORDS = { eligible: ['ELIGIBLE', 'pass'], ineligible: ['INELIGIBLE', 'fail'], undetermined: ['UNDETERMINED', 'unknown'] };

function showVerdict({ state: is, headline, report, problems }) {
  const bar = by('bar'), verdict = by('verdict');
  const [words, kind] = {
    empty: () => ['No record yet', 'dim'],
    refused: () => [`Not screened: ${problems.length === 1 ? '1 error' : `${problems.length} errors`}`, 'fail'],
    screened: () => [headline, WORDS[report.eligibility][1]],
  }[is]();
  bar.className = `bar ${kind}`;
  // What stays the same is not read aloud again.
  if (verdict.textContent !== words) verdict.textContent = words;
  by('ask-next').hidden = !report || report.next.length === 0;
}

function showProblems({ problems }) {
  const box = by('problems');
  box.hidden = problems.length === 0;
  box.replaceChildren(...problems.map(problem => told(problem, true)));
}

// A finding: what is wrong, where, and what would be right.
function told(problem, inText) {
  const { severity, message, help, line, column, span, shown } = problem;
  const node = element('div', { className: `problem ${severity}` }, element('p', {}, element('b', {}, severity), `: ${message}`));
  for (const text of help) node.append(element('p', {}, text));
  const row = element('div', { className: 'row' });
  if (inText && span) row.append(element('button', { type: 'button', onclick: () => go(span) }, `Line ${line}, column ${column}`));
  if (inText && state.form.placeOf(problem)) row.append(element('button', { type: 'button', onclick: () => { tab('form'); state.form.goTo(problem); } }, 'To the question'));
  const offer = inText && replacement(problem);
  if (offer) row.append(element('button', { type: 'button', onclick: () => take(offer.text) }, `Write ${offer.word}`));
  if (line) row.append(element('details', { className: 'more' }, element('summary', {}, 'As the program shows it'), element('pre', { tabIndex: 0 }, shown)));
  if (row.childNodes.length) node.append(row);
  return node;
}

// The word that may have been meant, where it can take the place of exactly the word that is wrong.
function replacement({ message, help, span }) {
  const meant = help.map(text => /^did you mean `([^`]+)`\?/.exec(text)?.[1]).find(Boolean);
  const named = [...message.matchAll(/`([^`]+)`/g)].map(found => found[1]);
  if (!meant || !span || !named.includes(state.text.slice(...span))) return undefined;
  return { word: meant, text: state.text.slice(0, span[0]) + meant + state.text.slice(span[1]) };
}

// Shows a place of the text.
function go([start, end]) {
  tab('text');
  const source = by('source');
  source.focus();
  source.setSelectionRange(start, Math.max(end, start + 1));
  const line = state.text.slice(0, start).split('\n').length - 1;
  const height = parseFloat(getComputedStyle(source).lineHeight);
  source.scrollTop = Math.max(0, (line - 5) * height);
}

function showResult({ state: is, report }) {
  by('nothing').textContent = { empty: 'Nothing is recorded, so nothing is screened.', refused: 'Nothing was screened: the record is refused until its errors are mended.', screened: '' }[is];
  const criteria = is === 'screened' ? report.criteria : [];
  by('chips').replaceChildren(...criteria.map(({ id, title, verdict, reason }) => {
    const kind = verdict === 'not_applicable' ? 'dim' : verdict;
    return element('li', { className: kind, title: `${title}: ${reason}` }, `${id} ${verdict.replaceAll('_', ' ')}`);
  }));
  const next = is === 'refused' ? [] : report.next;
  by('next-part').hidden = next.length === 0;
  const items = next.map(({ fact, label, criteria, ask: question, decides }) => element('li', {},
    element('button', { type: 'button', onclick: () => answer(fact) }, label),
    ` for ${criteria.join(', ')}${decides ? '; settles the eligibility whatever the answer' : ''}`,
    question ? element('p', { className: 'dim' }, question) : null));
  const FIRST = 5;
  by('next').replaceChildren(...items.slice(0, FIRST));
  by('next-part').querySelector('details')?.remove();
  if (items.length > FIRST) by('next-part').append(element('details', {}, element('summary', {}, `${items.length - FIRST} more`), element('ol', { start: FIRST + 1 }, ...items.slice(FIRST))));
}

function showSheet({ sheet }) {
  by('sheet-part').hidden = !sheet;
  const frame = by('sheet');
  if ((frame.srcdoc || '') !== (sheet ?? '')) frame.srcdoc = sheet ?? '';
}

// A sheet is as high as it is, so that the page alone has a bar to scroll.
function fitSheet() {
  const page = by('sheet').contentDocument?.documentElement;
  if (!page || by('sheet-part').hidden) return;
  by('sheet').style.height = 'auto';
  by('sheet').style.height = `${page.scrollHeight + 4}px`;
}

// Goes to a question of the form.
function answer(fact) {
  tab('form');
  state.form.focus(fact);
}

function tab(name) {
  for (const one of ['form', 'text']) {
    by(one).hidden = one !== name;
    by(`tab-${one}`).setAttribute('aria-selected', String(one === name));
    by(`tab-${one}`).tabIndex = one === name ? 0 : -1;
  }
}

// Says something about a file or a change, until the next thing is done.
function say(problems) {
  const notice = by('notice');
  notice.hidden = problems.length === 0;
  notice.replaceChildren(...problems.map(problem => (typeof problem === 'string' ? element('p', {}, problem) : told(problem, false))));
}

// A change in the form.
function changed(change) {
  const { text, problems } = ask('change', state.name, state.text, by('notation').value, JSON.stringify(change), today());
  say(problems);
  if (text === null) state.form.fill(state.screened.answers, state.screened.problems);
  else take(text);
}

// What a file is: a trial file and a site policy say so in their first key.
function kindOf(bytes) {
  const head = new TextDecoder().decode(bytes.subarray(0, 65_536));
  return /^["{\s]*format"?:\s*["']?eligo\/(trial|site)\/1/m.exec(head)?.[1] ?? 'record';
}

// Takes files for what they are, the trial first. Of several records the last one is shown, and the others can be brought back.
async function openedAll(files, as) {
  const said = [], read = [];
  by('record').setAttribute('aria-busy', 'true');
  for (const file of files) {
    if (file.size > LIMIT) said.push(`${file.name} is larger than 16 MiB, the limit for one file.`);
    else read.push({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
  }
  for (const one of read) one.kind = as ?? kindOf(one.bytes);
  for (const kind of ['trial', 'site']) {
    for (const { name, bytes } of read.filter(one => one.kind === kind)) {
      const { taken, problems } = ask(kind, name, bytes);
      if (taken) renew();
      said.push(...problems);
    }
  }
  const records = read.filter(one => one.kind === 'record');
  for (const { name, bytes } of records) {
    const { text, problems } = ask('decode', name, bytes);
    if (text !== null) load(name, text);
    said.push(...problems);
  }
  if (records.length > 1) said.push('One record is screened at a time. The others can be brought back; `eligo batch` screens lists.');
  say(said);
  by('record').removeAttribute('aria-busy');
}

// Makes the form anew, for another trial or policy.
function renew() {
  const model = ask('form');
  by('trial').textContent = `${model.trial.id} ${model.trial.title}`;
  by('trial-file').textContent = model.trial.file ?? `${model.trial.id}, which comes with the page`;
  by('trial-back').hidden = model.trial.file === null;
  by('site-file').textContent = model.site ?? 'none';
  by('site-back').hidden = model.site === null;
  by('version').textContent = model.version;
  by('trial-sha').textContent = model.trial.sha256;
  by('example').disabled = model.trial.file !== null;
  state.form = new RecordForm(by('questions'), model, changed);
  screen();
}

function save(name, text, type) {
  const link = element('a', { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// A name for a file of this candidate.
function named(extension) {
  const { report, answers } = state.screened;
  const candidate = report?.candidate ?? answers.candidate?.value ?? '';
  const plain = candidate.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+/, '').slice(0, 60);
  return `${plain || 'record'}.${extension}`;
}

function pick(as) {
  const input = by('file');
  input.onchange = async () => {
    const files = [...input.files];
    input.value = '';
    await openedAll(files, as);
  };
  input.click();
}

function print() {
  const frame = by('sheet').contentWindow;
  if (by('sheet-part').hidden || !frame) return;
  frame.print();
}

function listenToText() {
  let timer;
  by('source').addEventListener('input', event => {
    state.text = event.target.value;
    clearTimeout(timer);
    const isLarge = state.text.length > LARGE;
    timer = setTimeout(screen, isLarge ? 1_500 : 250);
    if (isLarge) by('verdict').textContent = 'Screening…';
    showKept();
  });
  by('source').addEventListener('paste', event => {
    const text = event.clipboardData?.getData('text') ?? '';
    if (new Blob([text]).size <= LIMIT) return;
    event.preventDefault();
    say(['The text is larger than 16 MiB, the limit for one record; nothing was pasted.']);
  });
  for (const id of ['notation', 'as-of']) by(id).addEventListener('change', screen);
  for (const [name, other] of [['form', 'text'], ['text', 'form']]) {
    by(`tab-${name}`).addEventListener('click', () => tab(name));
    by(`tab-${name}`).addEventListener('keydown', event => {
      if (!['ArrowLeft', 'ArrowRight'].includes(event.key)) return;
      tab(other);
      by(`tab-${other}`).focus();
    });
  }
}

// Takes the next of the examples that come with the page.
function example() {
  const { name, text } = EXAMPLES[state.example % EXAMPLES.length];
  state.example += 1;
  load(name, text);
}

// Brings back the record that another one took the place of. The one that goes is not lost either, unless it is as it was saved.
function undo() {
  const { name, text, kept } = state.before.pop();
  const gone = { name: state.name, text: state.text, kept: state.kept };
  if (gone.text !== gone.kept) state.before.unshift(gone);
  Object.assign(state, { name, text, kept });
  by('source').value = text;
  screen();
}

function saveRecord() {
  const { form } = state.screened;
  save(state.name || named(form === 'yaml' ? 'yaml' : 'json'), state.text, 'text/plain');
  state.kept = state.text;
  showKept();
}

function convert() {
  const { text, problems } = ask('convert', state.name, state.text, by('notation').value, today());
  if (text !== null) load(named('yaml'), text, '');
  say(problems);
}

function listenToButtons() {
  const does = {
    open: () => pick(),
    example,
    new: () => load('', ''),
    undo,
    save: saveRecord,
    convert,
    print,
    'trial-open': () => pick('trial'),
    'site-open': () => pick('site'),
    'save-sheet': () => save(named('html'), by('sheet').srcdoc, 'text/html'),
    'ask-next': () => answer(state.screened.report.next[0].fact),
  };
  for (const [id, done] of Object.entries(does)) by(id).addEventListener('click', done);
  for (const kind of ['trial', 'site']) {
    by(`${kind}-back`).addEventListener('click', () => {
      const { problems } = ask(kind, '', new Uint8Array());
      renew();
      say(problems);
    });
  }
  by('questions').addEventListener('submit', event => event.preventDefault());
}

function listenToWindow() {
  by('sheet').addEventListener('load', fitSheet);
  // A page that was left open over night screens as of the new day.
  window.addEventListener('focus', () => {
    if (by('today').textContent !== today()) screen();
  });
  for (const type of ['resize', 'beforeprint']) window.addEventListener(type, fitSheet);
  window.addEventListener('keydown', event => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== 'p' || by('sheet-part').hidden) return;
    event.preventDefault();
    print();
  });
  window.addEventListener('dragover', event => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    document.body.classList.add('dragging');
  });
  window.addEventListener('dragleave', event => {
    if (!event.relatedTarget) document.body.classList.remove('dragging');
  });
  window.addEventListener('drop', event => {
    document.body.classList.remove('dragging');
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    openedAll(event.dataTransfer.files);
  });
  window.addEventListener('beforeunload', event => {
    const isLost = one => one.text.trim() !== '' && one.text !== one.kept;
    if (![state, ...state.before].some(isLost)) return;
    event.preventDefault();
    // Browsers of before 2023 ask by this.
    event.returnValue = true;
  });
}

// The module lies packed in the page, so that nothing has to be fetched.
async function unpacked() {
  const packed = Uint8Array.from(atob(by('module').textContent), letter => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}

async function begin() {
  await wasm_bindgen({ module_or_path: await unpacked() });
  desk = new wasm_bindgen.Desk();
  listenToText();
  listenToButtons();
  listenToWindow();
  renew();
}

// What is not foreseen stops the screening, and says so; the text stays where it is.
function broken(error) {
  by('notice').hidden = false;
  by('notice').textContent = `Something went wrong inside, and nothing on this page counts any more. Save the text of the record, and open the page again. (${error})`;
  by('sheet-part').hidden = true;
  by('bar').className = 'bar fail';
  by('verdict').textContent = 'Not screened: the page failed';
}
window.addEventListener('error', event => broken(event.message));
window.addEventListener('unhandledrejection', event => broken(event.reason));
begin().catch(broken);
