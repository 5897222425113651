/**
 * The pull policy that an image reference implies: Always for `latest` or no tag, IfNotPresent for any other tag and for a
 * digest. A colon before the last slash belongs to the registry's port, not to a tag.
 */
export function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  if (image.includes('@')) return 'IfNotPresent';
  const name = image.slice(image.lastIndexOf('/') + 1);
  const colon = name.indexOf(':');
  return colon < 0 || name.slice(colon + 1) === 'latest' ? 'Always' : 'IfNotPresent';
}
