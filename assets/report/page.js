'use strict';
(() => {
  const given = JSON.parse(document.getElementById('charts').textContent);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  document.documentElement.classList.add('js');

  /* ---- the horizon ---- */

  const horizon = () => document.querySelector('input[name="horizon"]:checked')?.value ?? given.horizon;
  const whenHorizonChanges = [];
  for (const input of all('input[name="horizon"]')) {
    input.addEventListener('change', () => whenHorizonChanges.forEach(change => change()));
  }

  /* ---- tables ---- */

  const order = new Intl.Collator('en', {numeric: true, sensitivity: 'base'});

  // What is missing comes last, whichever way the others are sorted; equals stay in the order in which the page came.
  function compare(a, b, number, direction) {
    if (number) {
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.place - b.place;
      return direction * (a.key - b.key) || a.place - b.place;
    }
    return direction * order.compare(a.key, b.key) || a.place - b.place;
  }

  function sort(table, column, direction) {
    const headings = all('thead th', table);
    const number = headings[column].dataset.type === 'number';
    const key = cell => number ? (cell.dataset.v === undefined ? null : Number(cell.dataset.v)) : cell.textContent;
    const rows = [...table.tBodies[0].rows].map(row => ({row, place: row.place, key: key(row.cells[column])}));
    rows.sort((a, b) => compare(a, b, number, direction));
    table.tBodies[0].append(...rows.map(({row}) => row));
    headings.forEach((heading, i) => {
      if (i === column) heading.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
      else heading.removeAttribute('aria-sort');
    });
  }

  for (const table of all('table[data-sortable]')) {
    [...table.tBodies[0].rows].forEach((row, place) => { row.place = place; });
    all('thead th', table).forEach((heading, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener('click', () => {
        const now = heading.getAttribute('aria-sort');
        // Of numbers people want to see the largest first.
        const first = heading.dataset.type === 'number' ? -1 : 1;
        sort(table, column, now === null ? first : now === 'ascending' ? -1 : 1);
      });
    });
  }

  for (const filter of all('.filter')) {
    const input = filter.querySelector('input');
    const said = filter.querySelector('output');
    const rows = [...filter.parentElement.querySelector('table').tBodies[0].rows]
      .map(row => ({row, text: row.textContent.toLocaleLowerCase()}));
    const chosen = ({row}) => row.dataset.h === undefined || row.dataset.h === place();
    const place = () => document.querySelector('input[name="horizon"]:checked')?.id.replace('horizon-', '');
    const show = () => {
      const wanted = input.value.trim().toLocaleLowerCase();
      for (const {row, text} of rows) row.hidden = !text.includes(wanted);
      const here = place() === undefined ? rows : rows.filter(chosen);
      const left = here.filter(({row}) => !row.hidden).length;
      said.textContent = wanted === '' ? `${here.length} rows` : `${left} of ${here.length} rows match`;
    };
    filter.hidden = false;
    input.addEventListener('input', show);
    whenHorizonChanges.push(show);
    show();
  }

  /* ---- tooltips ---- */

  const tip = document.getElementById('tip');

  function hideTip() {
    tip.hidden = true;
  }

  function showTip(event, value) {
    const pairs = typeof value === 'object' ? Object.entries(value) : [['', value]];
    const list = document.createElement('dl');
    for (const [name, said] of pairs) {
      const term = document.createElement('dt');
      const definition = document.createElement('dd');
      term.textContent = name;
      definition.textContent = said;
      list.append(term, definition);
    }
    tip.replaceChildren(list);
    tip.hidden = false;
    const {width, height} = tip.getBoundingClientRect();
    const right = event.clientX + 14;
    const left = right + width > document.documentElement.clientWidth ? event.clientX - 14 - width : right;
    const above = event.clientY - 12 - height;
    tip.style.left = `${Math.max(4, left)}px`;
    tip.style.top = `${above < 4 ? event.clientY + 16 : above}px`;
  }

  const tooltip = (_, event, __, value) => {
    if (value === null || value === undefined || value === '') hideTip();
    else showTip(event, value);
  };
  addEventListener('scroll', hideTip, {passive: true, capture: true});
  addEventListener('keydown', event => event.key === 'Escape' && hideTip());

  /* ---- charts ---- */

  if (given.charts.length === 0) return;

  const muted = {labelColor: 'var(--muted)', titleColor: 'var(--muted)'};
  const config = {
    background: null,
    font: 'system-ui, sans-serif',
    padding: {left: 2, right: 6, top: 2, bottom: 2},
    view: {stroke: null},
    axis: {
      ...muted, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 500, labelPadding: 6, titlePadding: 10, labelLimit: 130,
      gridColor: 'var(--grid)', domainColor: 'var(--rule)', tickColor: 'var(--rule)', tickSize: 4,
    },
    axisX: {labelSeparation: 12, labelFlush: false},
    // The title of a vertical axis is read above it, not along it.
    axisY: {titleAngle: 0, titleAlign: 'left', titleAnchor: 'end', titleX: 0, titleY: -12, titlePadding: 0, domain: false, ticks: false},
    legend: {
      ...muted, orient: 'top', direction: 'horizontal', labelFontSize: 12, titleFontSize: 12, titleFontWeight: 500, symbolSize: 110,
      offset: 33, titlePadding: 6, gradientLength: 260, gradientThickness: 10, gradientStrokeColor: null, labelLimit: 160, columnPadding: 16,
    },
    // A comma is where a long name is broken.
    header: {labelExpr: "split(datum.label, ', ')", labelLineHeight: 17, labelColor: 'var(--ink)', labelFontSize: 13, labelFontWeight: 600, labelAnchor: 'start', labelPadding: 8},
    facet: {spacing: 36},
    line: {strokeWidth: 2.25, strokeJoin: 'round', strokeCap: 'round'},
    point: {filled: true, opacity: 1},
    rule: {color: 'var(--rule)'},
    text: {fontSize: 12, color: 'var(--ink)'},
    scale: {barBandPaddingInner: 0.2, rectBandPaddingInner: 0},
  };

  // Nothing is loaded, whatever a specification says.
  const refuse = () => Promise.reject(new Error('the page loads nothing'));
  const loader = {load: refuse, sanitize: refuse, http: refuse, file: refuse};

  function records(columns) {
    const names = Object.keys(columns);
    const rows = names.length === 0 ? 0 : columns[names[0]].length;
    return Array.from({length: rows}, (_, row) => Object.fromEntries(names.map(name => [name, columns[name][row]])));
  }

  // Panels are as wide as their box has room for: beside each other if each has enough, else below.
  const panels = (spec, box) => Math.max(1, Math.min(spec.usermeta?.columns ?? 1, Math.floor(box.clientWidth / 290)));

  // Where there is little room, names leave some of it to what they name.
  function fitting(box, columns, names) {
    const room = box.clientWidth / Math.max(1, columns);
    const axis = {...config.axis, labelLimit: Math.min(config.axis.labelLimit, 0.34 * room)};
    return {...config, axis, header: {...config.header, labelLimit: (names ? 0.62 : 0.85) * room}};
  }

  async function fitPanels(view, box, columns, room = box.clientWidth) {
    // Heads may be wider than what is below them, so that it takes a few steps.
    for (let pass = 0; pass < 6; pass++) {
      const beyond = room - Number(box.querySelector('svg').getAttribute('width'));
      if (beyond >= 0 && beyond <= columns + 1) break;
      view.signal('child_width', Math.max(130, Math.floor(view.signal('child_width') + (beyond - 1) / columns)));
      await view.resize().runAsync();
    }
  }

  async function draw(chart, box) {
    const spec = {...chart.spec, description: chart.description};
    spec.data = {name: 'table', ...spec.data, values: records(chart.columns)};
    spec.autosize = spec.facet ? {type: 'pad'} : {type: 'fit-x', contains: 'padding'};
    spec.params = spec.params?.map(param => param.name === 'horizon' ? {...param, value: horizon()} : param);
    const columns = spec.facet ? panels(spec, box) : 0;
    if (spec.facet) spec.columns = columns;
    const runtime = clvVega.parse(clvVega.compile(spec, {config: fitting(box, columns, spec.usermeta?.names)}).spec, null, {ast: true});
    const view = new clvVega.View(runtime, {expr: clvVega.expressionInterpreter, renderer: 'svg', container: box, hover: true, loader});
    view.tooltip(tooltip);
    await view.runAsync();
    if (spec.facet) await fitPanels(view, box, columns);
    return {view, columns};
  }

  // Paper is narrower than most screens: a chart that is as wide as a screen would have tiny letters on it.
  const paper = box => box.closest('.pair') ? 390 : 800;

  function fit(view, box, columns, room) {
    if (columns > 0) return fitPanels(view, box, columns, room);
    // Until it is fitted, the width is that of the marks alone; without a change nothing would be fitted.
    return view.signal('width', view.signal('width') === room ? room - 1 : room).resize().runAsync();
  }

  async function show(chart, box) {
    let {view, columns} = await draw(chart, box);
    let width = box.clientWidth;
    if (chart.spec.params?.some(param => param.name === 'horizon')) {
      whenHorizonChanges.push(() => view.signal('horizon', horizon()).runAsync());
    }
    addEventListener('beforeprint', () => fit(view, box, columns, paper(box)));
    addEventListener('afterprint', () => fit(view, box, columns, box.clientWidth));
    // Other charts follow the window by themselves.
    if (chart.spec.facet) {
      addEventListener('resize', async () => {
        if (box.clientWidth === width) return;
        width = box.clientWidth;
        if (panels(chart.spec, box) === columns) return fitPanels(view, box, columns);
        view.finalize();
        ({view, columns} = await draw(chart, box));
      });
    }
  }

  const byName = new Map(given.charts.map(chart => [chart.id, chart]));
  const shown = all('.plot').map(box => show(byName.get(box.dataset.chart), box));
  Promise.all(shown).then(() => document.documentElement.classList.add('drawn'));
})();
