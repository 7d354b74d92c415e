// How results of a search are ordered: Sphinx's own scores, and the kind of the page.
window.Scorer = {
  // Chapters, then the pages at the back, then lists that are looked up.
  score: ([docname, , , , score]) => {
    if (/^chapters\/back\/(api|catalogue)/.test(docname)) return score - 200;
    return docname.startsWith("chapters/back/") ? score - 100 : score;
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
