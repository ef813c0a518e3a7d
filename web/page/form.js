// The form: questions of a trial as controls, each of which shows what the record says and tells what was changed.

// Makes an element. Words of records and trials come in as text only.
function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (name in made && !name.includes('-') && name !== 'list') made[name] = value;
    else made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.filter(child => child !== undefined && child !== null && child !== false));
  return made;
}

const BESIDE = {
  date: 'Found on (YYYY-MM-DD, YYYY-MM or YYYY)',
  by: 'Who says so',
  source: 'From which document or system',
  uln: 'Upper limit of normal',
  lln: 'Lower limit of normal',
  note: 'A remark',
};
const STATES = { none: 'asked, none known', complete: 'these are all', more: 'there may be more' };
const HEAD = [
  ['candidate', 'Pseudonym of the candidate, never a name', ''],
  ['screened_on', 'Screened on', 'YYYY-MM-DD'],
  ['note', 'A remark on the whole', ''],
];
// While somebody types, so many milliseconds pass before it counts.
const PAUSE = 600;

class RecordForm {
  // `changed` gets each change, and what to do with the answer to it.
  constructor(root, model, changed) {
    Object.assign(this, { root, model, changed, parts: new Map() });
    const head = element('section', { 'aria-labelledby': 'stage-head' }, element('h3', { id: 'stage-head' }, 'The candidate'));
    for (const [path, label, placeholder] of HEAD) head.append(this.head(path, label, placeholder));
    const stages = model.stages.map((stage, index) => this.stage(stage, index));
    root.replaceChildren(head, ...stages);
  }

  head(path, label, placeholder) {
    const id = `q-${path}`;
    const input = element('input', { id, type: 'text', placeholder });
    this.typed(input, () => ({ path, key: 'value' }));
    const error = element('p', { className: 'wrong', id: `${id}-error`, hidden: true });
    const node = element('div', { className: 'question', id: `${id}-question` }, element('label', { htmlFor: id }, label), element('div', { className: 'controls' }, input), error);
    this.parts.set(path, { node, error, focus: input, fill: answer => put(input, answer?.value ?? '') });
    return node;
  }

  stage(stage, index) {
    const heading = element('h3', { id: `stage-${index}` }, stage.heading);
    const questions = stage.questions.map(question => this.question(question));
    if (!stage.supporting) return element('section', { 'aria-labelledby': `stage-${index}` }, heading, ...questions);
    const about = element('p', { className: 'dim' }, 'They do not decide by themselves, but can raise a doubt, a contradiction or a caution.');
    return element('details', {}, element('summary', {}, heading), about, ...questions);
  }

  question(question) {
    const { path } = question;
    const id = `q-${path}`;
    const made = question.kind === 'list' ? this.list(question) : this.control(question, id, { path });
    const error = element('p', { className: 'wrong', id: `${id}-error`, hidden: true });
    const asked = question.criteria.length ? `for ${question.criteria.join(', ')}` : '';
    const words = [question.ask ? question.label : '', asked, question.judgement ? "the investigator's judgement" : ''].filter(Boolean).join('; ');
    const hint = [question.hint, question.wanted.length ? `with its ${question.wanted.join(' and ')}` : ''].filter(Boolean).join('; ');
    const gated = element('p', { className: 'dim', hidden: true });
    const body = element('div', {},
      element('p', { className: 'dim', id: `${id}-hint` }, [words, hint].filter(Boolean).join(' · ')),
      made.node, error);
    const title = element(made.labelled ? 'label' : 'div', made.labelled ? { htmlFor: id } : { id: `${id}-ask`, className: 'ask' }, question.ask ?? question.label);
    const node = element('div', { className: 'question', id: `${id}-question` }, title, gated, body);
    if (!made.labelled) {
      node.setAttribute('role', 'group');
      node.setAttribute('aria-labelledby', `${id}-ask`);
    }
    made.focus.setAttribute('aria-describedby', `${id}-hint ${id}-error`);
    this.parts.set(path, { node, error, focus: made.focus, fill: made.fill, question, gated, body, items: made.items });
    return node;
  }

  // The control for one value. `address` says which.
  control(question, id, address) {
    const current = { answer: undefined };
    const made = question.kind === 'choice' ? this.choice(question, id, address) : this.entry(question, id, address, current);
    const evidence = this.evidence(question.field ? [] : question.beside, id, key => ({ ...address, key }), question.wanted);
    const node = element('div', {}, made.node, element('div', { className: 'extras' }, evidence.node, question.field ? null : about(question)));
    const other = element('p', { className: 'dim', hidden: true }, 'The text says more of it than is shown here.');
    node.append(other);
    return {
      node, focus: made.focus, labelled: true,
      fill: answer => {
        current.answer = answer;
        made.fill(answer);
        evidence.fill(answer?.beside);
        other.hidden = !answer?.other;
      },
    };
  }

  choice(question, id, address) {
    const select = element('select', { id, className: 'main' }, element('option', { value: '' }, '—'));
    for (const { name, label, unclear } of question.options) select.append(element('option', { value: `=${name}` }, unclear ? `${label} (leaves it open)` : label));
    const written = element('option', { hidden: true });
    select.append(written, this.causes());
    select.addEventListener('change', () => {
      const key = { '': 'clear', '?': 'missing', '=': 'value' }[select.value.slice(0, 1)];
      this.changed({ ...address, key, typed: select.value.slice(1) });
    });
    return {
      node: element('div', { className: 'controls' }, select), focus: select,
      fill: answer => choose(select, written, answer),
    };
  }

  entry(question, id, address, current) {
    const isText = question.kind === 'text';
    const input = element(isText ? 'textarea' : 'input', {
      id, rows: isText ? 1 : undefined, type: isText ? undefined : 'text',
      placeholder: { date: 'YYYY-MM-DD', duration: '3 months, >= 90 days' }[question.kind],
    });
    this.typed(input, () => ({ ...address, key: 'value' }));
    // Who empties a control and leaves it takes the answer back, with what stood beside it.
    input.addEventListener('change', () => {
      if (input.value.trim() === '' && current.answer && !current.answer.missing) this.changed({ ...address, key: 'clear', typed: '' });
    });
    const unit = this.unit(question, id, address);
    const why = element('select', { className: 'why', 'aria-label': `${question.label}: why there is no answer` }, element('option', { value: '' }, '— or why not known'));
    const written = element('option', { hidden: true });
    why.append(written, this.causes());
    why.addEventListener('change', () => {
      this.changed({ ...address, key: why.value === '' ? 'clear' : 'missing', typed: why.value.slice(1) });
    });
    return {
      node: element('div', { className: 'controls' }, input, unit.node, why), focus: input,
      fill: answer => {
        put(input, answer?.value ?? '');
        unit.fill(answer);
        choose(why, written, answer?.missing ? answer : undefined);
      },
    };
  }

  unit(question, id, address) {
    if (question.units.length === 0) return { node: null, fill: () => {} };
    const only = question.units.length === 1;
    if (only) {
      const [unit] = question.units;
      const span = element('span', { className: 'dim' }, unit === '1' ? '' : unit);
      const fill = answer => {
        const isWritten = answer?.value?.endsWith(unit);
        span.textContent = isWritten || unit === '1' ? '' : answer?.beside.unit ?? unit;
      };
      return { node: span, fill };
    }
    const select = element('select', { 'aria-label': `${question.label}: unit` }, element('option', { value: '' }, question.scales ? 'unit…' : `${question.units[0]}, unless written`));
    for (const unit of question.units) select.append(element('option', { value: `=${unit}` }, unit));
    const written = element('option', { hidden: true });
    select.append(written);
    select.addEventListener('change', () => this.changed({ ...address, key: 'unit', typed: select.value.slice(1) }));
    return { node: select, fill: answer => choose(select, written, { value: answer?.beside.unit }) };
  }

  evidence(keys, id, address, wanted = []) {
    if (keys.length === 0) return { node: null, fill: () => {} };
    const summary = element('summary', {}, 'Evidence');
    const inputs = keys.map(key => {
      const input = element('input', { id: `${id}-${key}`, type: 'text' });
      this.typed(input, () => address(key));
      return [key, input];
    });
    const grid = element('div', { className: 'evidence' }, ...inputs.map(([key, input]) => element('div', {}, element('label', { htmlFor: input.id }, wanted.includes(key) ? `${BESIDE[key]} (asked for)` : BESIDE[key]), input)));
    const node = element('details', { className: 'more' }, summary, grid);
    return {
      node,
      fill: beside => {
        for (const [key, input] of inputs) put(input, beside?.[key] ?? '');
        const said = keys.map(key => beside?.[key]).filter(Boolean);
        summary.textContent = said.length ? `Evidence: ${said.join(', ')}` : 'Evidence';
      },
    };
  }

  list(question) {
    const { path, item } = question;
    const id = `q-${path}`;
    const state = element('select', { id, className: 'main', 'aria-label': `${question.label}: the list` }, element('option', { value: '' }, '—'));
    for (const [name, words] of Object.entries(STATES)) state.append(element('option', { value: `=${name}` }, words));
    const written = element('option', { hidden: true });
    state.append(written, this.causes());
    state.addEventListener('change', () => this.changed({ path, key: 'state', typed: state.value.slice(1) }));
    const [field] = item.fields;
    const items = item.single && field.kind === 'choice' ? this.choices(path, field) : this.items(question);
    const evidence = this.evidence(question.beside, id, key => ({ path, key }));
    const other = element('p', { className: 'dim', hidden: true }, 'The text says more of it than is shown here.');
    const extras = element('div', { className: 'extras' }, evidence.node, about(question));
    const node = element('div', {}, items.node, element('div', { className: 'controls' }, items.add ?? null, state), extras, other);
    return {
      node, focus: state, labelled: false, items,
      fill: answer => {
        const count = answer?.items?.length ?? 0;
        for (const option of state.options) {
          const name = option.value.slice(1);
          option.disabled = count > 0 ? !['=complete', '=more'].includes(option.value) : ['complete', 'more'].includes(name);
        }
        const name = count > 0 ? (answer.complete === false ? 'more' : 'complete') : answer?.items ? 'none' : undefined;
        choose(state, written, answer?.missing ? answer : { value: name ?? answer?.value });
        items.fill(answer?.items ?? []);
        evidence.fill(answer?.beside);
        other.hidden = !answer?.other;
      },
    };
  }

  // Declared values to tick.
  choices(path, field) {
    const boxes = field.options.map(({ name, label }) => {
      const box = element('input', { type: 'checkbox', value: name });
      box.addEventListener('change', () => this.changed({ path, key: 'items', typed: boxes.map(([box]) => box).filter(box => box.checked).map(box => box.value).join(',') }));
      return [box, label];
    });
    const node = element('div', { className: 'choices' }, ...boxes.map(([box, label]) => element('label', {}, box, label)));
    const odd = element('p', { className: 'dim', hidden: true });
    return {
      node: element('div', {}, node, odd),
      fill: items => {
        const names = items.map(item => item.fields.value?.value);
        for (const [box] of boxes) box.checked = names.includes(box.value);
        const known = boxes.map(([box]) => box.value);
        const rest = items.filter(item => !known.includes(item.fields.value?.value));
        odd.hidden = rest.length === 0;
        odd.textContent = `Written in the text besides: ${rest.map(item => item.fields.value?.value ?? item.fields.value?.missing ?? '…').join(', ')}`;
        // A tick would not keep them.
        for (const [box] of boxes) box.disabled = rest.length > 0;
      },
      focusOf: () => boxes[0]?.[0],
    };
  }

  // Items of fields, of which there may be any number.
  items(question) {
    const { path, item, label } = question;
    const shown = [];
    const box = element('div');
    const add = element('button', { type: 'button' }, `Add: ${label}`);
    const make = index => {
      const fields = item.fields.map(field => {
        const id = `q-${path}-${index}-${field.path}`;
        const made = this.control({ ...field, field: true }, id, { path, item: index, field: field.path });
        const error = element('p', { className: 'wrong', id: `${id}-error`, hidden: true });
        made.focus.setAttribute('aria-describedby', `${id}-error`);
        const hint = field.hint && !['date', 'duration'].includes(field.kind) ? element('p', { className: 'dim' }, field.hint) : null;
        const node = element('div', { className: 'field' }, element('label', { htmlFor: id }, field.ask ?? field.label), hint, made.node, error);
        return { ...made, node, error, name: field.path };
      });
      const evidence = this.evidence(item.beside, `q-${path}-${index}`, key => ({ path, item: index, key }));
      const other = element('p', { className: 'dim', hidden: true }, 'The text says more of this item than is shown here.');
      const remove = element('button', { type: 'button', onclick: () => take(index) }, `Remove ${index + 1}`);
      const node = element('fieldset', {}, element('legend', {}, `${label} ${index + 1}`), element('div', { className: 'fields' }, ...fields.map(field => field.node)), evidence.node, other, remove);
      return { node, fields, evidence, other };
    };
    let count = 0;
    const resize = wanted => {
      while (shown.length > wanted) shown.pop().node.remove();
      while (shown.length < wanted) {
        const made = make(shown.length);
        shown.push(made);
        box.append(made.node);
      }
      add.disabled = shown.length > count;
    };
    const take = index => {
      if (index < count) this.changed({ path, item: index, key: 'remove', typed: '' });
      else resize(count);
      (shown[index]?.fields[0].focus ?? add).focus();
    };
    add.addEventListener('click', () => {
      resize(count + 1);
      shown.at(-1).fields[0].focus.focus();
    });
    return {
      node: box, add,
      fill: items => {
        // An item that was begun, and says nothing yet, is not in the record.
        const begun = shown.length > count && items.length === count;
        count = items.length;
        resize(count + (begun ? 1 : 0));
        shown.forEach((one, index) => {
          for (const field of one.fields) field.fill(items[index]?.fields[field.name]);
          one.evidence.fill(items[index]?.beside);
          one.other.hidden = !items[index]?.other;
        });
      },
      errorOf: (index, name) => shown[index]?.fields.find(field => field.name === name),
      focusOf: () => (shown.length ? shown[0].fields[0].focus : add),
    };
  }

  causes() {
    return element('optgroup', { label: 'There is no answer' }, ...this.model.causes.map(({ code, words }) => element('option', { value: `?${code}` }, words)));
  }

  // What is typed counts after a pause, at Enter, and when the control is left.
  typed(input, address) {
    let timer;
    const tell = () => {
      clearTimeout(timer);
      if (input.value.trim() === (input.dataset.filled ?? '').trim()) return;
      this.changed({ ...address(), typed: input.value });
    };
    input.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(tell, PAUSE);
    });
    input.addEventListener('change', tell);
  }

  // Shows what a record says, and where it is refused.
  fill(answers, problems) {
    for (const [path, part] of this.parts) {
      part.fill(answers[path]);
      if (part.question) gate(part, answers);
    }
    this.showProblems(problems);
  }

  showProblems(problems) {
    for (const error of this.root.querySelectorAll('.wrong')) error.hidden = true;
    for (const one of this.root.querySelectorAll('[aria-invalid]')) one.removeAttribute('aria-invalid');
    for (const problem of problems) {
      const found = this.placeOf(problem);
      if (!found) continue;
      const words = [problem.message, ...problem.help].join(': ');
      found.error.textContent = found.error.hidden ? words : `${found.error.textContent}; ${words}`;
      found.error.hidden = false;
      found.focus.setAttribute('aria-invalid', 'true');
    }
  }

  // The question, or the field of an item, that a finding is about.
  placeOf({ at }) {
    if (!at) return undefined;
    for (let end = at.length; end > 0; end -= 1) {
      const part = this.parts.get(at.slice(0, end).join('.'));
      if (!part) continue;
      const rest = at.slice(end).filter(key => key !== 'value');
      const item = part.items?.errorOf?.(Number(rest[0]), rest[1] ?? 'value');
      return item ?? part;
    }
    return undefined;
  }

  // Marks what is to be obtained.
  mark(facts) {
    for (const [path, part] of this.parts) part.node.classList.toggle('next', facts.includes(path));
  }

  // Goes to a question.
  focus(path) {
    const part = this.parts.get(path);
    if (part) this.show(part.items?.focusOf?.() ?? part.focus);
  }

  // Goes to the question, or the field, that a finding is about.
  goTo(problem) {
    this.show(this.placeOf(problem).focus);
  }

  show(control) {
    for (let folded = control.closest('details'); folded; folded = folded.parentElement.closest('details')) folded.open = true;
    control.focus();
    control.scrollIntoView({ block: 'center' });
  }
}

// Puts a text into a control, unless somebody is typing there.
function put(input, text) {
  input.dataset.filled = text;
  const isTyping = document.activeElement === input && input.value.trim() === text.trim();
  if (!isTyping && input.value !== text) input.value = text;
  if (input.tagName === 'TEXTAREA') input.rows = Math.min(6, 1 + Math.floor(text.length / 50));
}

// Chooses what an answer says; what is no option is shown as it is written.
function choose(select, written, answer) {
  const value = answer?.missing ? `?${answer.missing}` : answer?.value !== undefined && answer?.value !== null ? `=${answer.value}` : '';
  const known = [...select.options].some(option => option !== written && option.value === value);
  written.hidden = known;
  written.value = known ? '' : value;
  written.textContent = known ? '' : `as written: ${value.slice(1)}`;
  written.disabled = known;
  select.value = value;
}

// What else is to be known of a question.
function about({ note, obtain, options }) {
  const notes = [obtain && `Obtained: ${obtain}`, note, ...options.filter(option => option.note).map(option => `${option.label}: ${option.note}`)].filter(Boolean);
  if (notes.length === 0) return null;
  return element('details', { className: 'more' }, element('summary', {}, 'About'), ...notes.map(text => element('p', { className: 'dim' }, text)));
}

// Leaves a question out that does not matter after the answer to another, unless it is answered.
function gate({ question, gated, body }, answers) {
  if (!question.gate) return;
  const { path, label, values } = question.gate;
  const answer = answers[path]?.value;
  const isOut = answer !== undefined && answer !== null && !values.includes(answer) && !answers[question.path];
  gated.hidden = !isOut;
  body.hidden = isOut;
  gated.textContent = isOut ? `Does not matter, as the record says of ${label}: ${answer.replaceAll('_', ' ')}` : '';
}
