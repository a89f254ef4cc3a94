// The texts whose contrast with their ground is below what WCAG 2.1, success criterion 1.4.3, asks for: 4.5, or 3 for large text.
(() => {
  const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return {r: m[0], g: m[1], b: m[2], a: m.length > 3 ? m[3] : 1}; };
  const channel = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const luminance = c => 0.2126 * channel(c.r) + 0.7152 * channel(c.g) + 0.0722 * channel(c.b);
  const ground = e => {
    if (e.closest("svg")) {
      const rects = [...e.parentElement.children].filter(x => x.tagName === "rect");
      const rect = e.classList.contains("label") ? rects.find(x => x.classList.contains("pill")) : rects[0];
      if (rect) return parse(getComputedStyle(rect).fill);
    }
    for (let n = e; n; n = n.parentElement) {
      const c = parse(getComputedStyle(n).backgroundColor);
      if (c.a > 0) return c;
    }
    return {r: 255, g: 255, b: 255, a: 1};
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walker.nextNode(); n; n = walker.nextNode()) {
    const e = n.parentElement;
    if (!n.textContent.trim() || e.closest("style, title, desc") || !e.checkVisibility()) continue;
    const s = getComputedStyle(e);
    const a = luminance(parse(e.closest("svg") ? s.fill : s.color)), b = luminance(ground(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(s.fontSize), large = size >= 24 || size >= 18.66 && Number(s.fontWeight) >= 700;
    if (ratio < (large ? 3 : 4.5)) poor.push(`${ratio.toFixed(2)} ${e.className.baseVal ?? e.className} "${n.textContent.trim().slice(0, 40)}"`);
  }
  return poor;
})()
