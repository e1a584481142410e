import type { CallQuery } from '../../query.ts'
import { isPagedByOffset, type RowsPage } from './read-page.ts'

/** Where a page of a scan begins, and how many calls it may have. */
export type PagePlace = Pick<CallQuery, 'after' | 'offset' | 'limit'>

/**
 * The pages of a scan, the next one asked for while this one is used; nothing is held but these two. `countOf` tells the
 * calls of a page, `limitAfter` how many the next may have.
 */
export async function* scanPages<Page extends { next: RowsPage['next'] }>(
  order: CallQuery['order'],
  given: { ask(place: PagePlace): Promise<Page>; countOf(page: Page): number; limitAfter(page: Page | null): number },
): AsyncGenerator<Page> {
  // Without a cursor: a call may come twice, or not at all, where others come or go between two pages.
  const byOffset = isPagedByOffset(order)
  let limit = given.limitAfter(null)
  let offset = 0
  let asked: Promise<Page> | null = given.ask(byOffset ? { offset, limit } : { limit })
  while (asked !== null) {
    const page: Page = await asked
    const count = given.countOf(page)
    const isLast = byOffset ? count < limit : page.next === null
    offset += count
    limit = given.limitAfter(page)
    asked = isLast ? null : given.ask(byOffset ? { offset, limit } : { after: page.next, limit })
    // Whoever stops here takes no notice of it; whoever goes on awaits it.
    asked?.catch(() => {})
    if (count > 0) yield page
  }
}
