// Following a mouse or a finger over a picture.

// Calls `move(x, y)` with the position in `picture`, px, while `area` is pressed.
export function followPointer(area, picture, move) {
  const follow = (event) => {
    const { left, top } = picture.getBoundingClientRect();
    move(event.clientX - left, event.clientY - top);
  };
  area.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    area.setPointerCapture(event.pointerId);
    follow(event);
  });
  area.addEventListener("pointermove", (event) => {
    if (area.hasPointerCapture(event.pointerId)) follow(event);
  });
}
