/** One part of a name; it begins with no dot, so that no name climbs out of its folder or meets a driver's own files. */
const part = /^[A-Za-z0-9_+-][A-Za-z0-9_+.-]*$/;

/** @throws RangeError where this is no name of the stage; names are made by us, so it is a fault of ours */
export function checkStageName(name: string): void {
  if (name.length > 800 || !name.split('/').every((text) => part.test(text) && text.length <= 200)) {
    throw new RangeError(`not a name of the stage: ${JSON.stringify(name)}`);
  }
}

/** @throws RangeError where it is neither empty nor a name with `/` behind it */
export function checkStagePrefix(prefix: string): void {
  if (prefix === '') return;
  if (!prefix.endsWith('/'))
    throw new RangeError(`a place in the stage ends in "/": ${JSON.stringify(prefix)}`);
  checkStageName(prefix.slice(0, -1));
}
