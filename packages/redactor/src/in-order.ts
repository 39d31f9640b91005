/**
 * Starts work on items as they come, a few at a time, and yields the results in the items' order.
 * @param room how much may be under way: items, and their bytes (a single larger item is under way alone)
 */
export async function* inOrder<Item extends { readonly bytes: number }, Result>(
  items: AsyncIterable<Item>,
  room: { readonly items: number; readonly bytes: number },
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: { bytes: number; result: Promise<Result> }[] = [];
  let bytes = 0;
  const take = (): Promise<Result> => {
    const first = underWay.shift() as { bytes: number; result: Promise<Result> };
    bytes -= first.bytes;
    return first.result;
  };
  for await (const item of items) {
    while (underWay.length > 0 && (underWay.length >= room.items || bytes + item.bytes > room.bytes)) {
      yield await take();
    }
    const result = work(item);
    result.catch(() => {}); // it is met where its turn comes, or never when an earlier one failed
    underWay.push({ bytes: item.bytes, result });
    bytes += item.bytes;
  }
  while (underWay.length > 0) yield await take();
}
