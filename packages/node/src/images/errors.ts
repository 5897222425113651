/**
 * Why an image cannot be had. `InvalidImageName`, `ErrImagePull`, `ErrImageNeverPull` are the kubelet's waiting reasons;
 * `UnusableDisk` means that the image was pulled but holds no disk that may be used: pulling again cannot help.
 */
export type ImageErrorReason = 'InvalidImageName' | 'ErrImagePull' | 'ErrImageNeverPull' | 'UnusableDisk';

export class ImageError extends Error {
  readonly reason: ImageErrorReason;

  constructor(reason: ImageErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ImageError';
    this.reason = reason;
  }
}

/** The message of anything that was thrown, with its cause (fetch hides the reason of a network failure there). */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause =
    error.cause instanceof Error ? error.cause.message || (error.cause as NodeJS.ErrnoException).code : undefined;
  return cause ? `${error.message}: ${cause}` : error.message;
}
