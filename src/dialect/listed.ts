import type { CallEncoder, TextPage } from '../store/call-encoder.ts'

/** Writes what a presenter makes of each call as JSON, on the thread that reads it: the items of a list. */
export function jsonItems<Call>(present: (call: Call) => object): CallEncoder {
  return {
    fields: null,
    head: '',
    write([call], out) {
      out.text(`${JSON.stringify(present(call as Call))},`)
    },
  }
}

/** What stands between the brackets of a list: the last item loses its comma. */
export function itemsOf({ text }: TextPage): string {
  return text.slice(0, -1)
}

/** The type of an answer that is put together of texts. */
export const JSON_TYPE = 'application/json; charset=utf-8'
