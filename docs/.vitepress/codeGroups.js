// Whoever chooses async/await, Effect or Python means it for every program: the other groups follow, on all pages, and the next visit
// begins with it. The site puts this into the head of each page as it is.
{
  const key = "effect-asyncio:program"
  /** @type {string | null} */
  let chosen = null
  try {
    chosen = localStorage.getItem(key)
  } catch {
    // Storage is forbidden: the choice lasts as long as the page.
  }

  const remember = (/** @type {string} */ title) => {
    chosen = title
    try {
      localStorage.setItem(key, title)
    } catch {
      // As above.
    }
  }

  const show = (/** @type {Element} */ group) => {
    const titles = [...group.querySelectorAll(".tabs > label")].map((label) => label.textContent)
    const index = titles.indexOf(chosen)
    if (index < 0) return
    const inputs = group.querySelectorAll(".tabs > input")
    if (inputs[index] instanceof HTMLInputElement) inputs[index].checked = true
    for (const [i, block] of [...group.querySelectorAll(".blocks > *")].entries()) {
      block.classList.toggle("active", i === index)
    }
  }

  const showAll = () => {
    if (chosen !== null) for (const group of document.querySelectorAll(".vp-code-group")) show(group)
  }

  document.addEventListener("change", ({ target }) => {
    const tabs = target instanceof HTMLInputElement ? target.closest(".vp-code-group > .tabs") : null
    const title = tabs?.querySelector("input:checked + label")?.textContent
    if (tabs === null || !title) return
    remember(title)
    // Groups above change their heights: the one under the mouse stays there.
    const top = tabs.getBoundingClientRect().top
    showAll()
    scrollBy({ top: tabs.getBoundingClientRect().top - top, behavior: "instant" })
  })

  document.addEventListener("DOMContentLoaded", showAll)
  // Another page, without a reload.
  new MutationObserver((changes) => {
    const added = changes.flatMap(({ addedNodes }) => [...addedNodes])
    if (added.some((node) => node.parentElement?.querySelector(".vp-code-group"))) showAll()
  }).observe(document, { childList: true, subtree: true })
}
