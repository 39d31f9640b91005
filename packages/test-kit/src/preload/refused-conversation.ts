/**
 * Loaded into a redactor and its threads before their own code (`--import`): as if its engine could not deal with what the simulator made
 * `deep`.
 */
const { decode } = TextDecoder.prototype;

TextDecoder.prototype.decode = function (...given) {
  const text = decode.apply(this, given);
  if (text.includes('"deep":')) throw new TypeError('refused in a test');
  return text;
};
