// The list of chapters shows the present one, however far down it stands. The page stays where it is.
addEventListener("load", () => {
  const list = document.querySelector(".bd-sidebar-primary");
  const here = list?.querySelector("li.current.active > a");
  if (!here) return;
  const [outer, inner] = [list.getBoundingClientRect(), here.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > Math.min(outer.bottom, innerHeight)) {
    list.scrollTop += inner.top - outer.top - outer.height / 3;
  }
});
