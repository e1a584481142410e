import { compareScalars, type Order, type Scalar } from '../../query.ts'
import type { Row } from '../row/row-columns.ts'

/** The order of two rows whose sort values stand from `sorts` on, and whose id at `id`. */
export function rowOrder(order: Order, { sorts, id }: { sorts: number; id: number }): (a: Row, b: Row) => number {
  const { descending, thenBy = [] } = order
  const directions = [descending, ...thenBy.map((one) => one.descending)].map((falls) => (falls ? -1 : 1))
  return (a, b) => {
    for (const [at, direction] of directions.entries()) {
      const compared = compareOrNull(a[sorts + at] as Scalar | null, b[sorts + at] as Scalar | null)
      if (compared !== 0) return compared * direction
    }
    return (Number(a[id]) - Number(b[id])) * (descending ? -1 : 1)
  }
}

function compareOrNull(a: Scalar | null, b: Scalar | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  return compareScalars(a, b)
}
