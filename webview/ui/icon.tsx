/** An icon of VS Code's own set, beside a name or in a named button. */
export function Icon({ name }: { readonly name: string }) {
  return <span class={`codicon codicon-${name}`} aria-hidden="true" />;
}

/** To the first and the last step: the set has no such icons. */
export function EndIcon({ end }: { readonly end: "first" | "last" }) {
  const d = end === "first" ? "M3.5 3v10M12.5 3.2v9.6L6 8z" : "M12.5 3v10M3.5 3.2v9.6L10 8z";
  return (
    <svg class="line-icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <path d={d} />
    </svg>
  );
}

interface IconButtonProps {
  readonly icon: string;
  readonly name: string;
  readonly keys?: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly class?: string;
  readonly onClick: () => void;
}

/** A square button with an icon; its name is what screen readers and the tooltip say. */
export function IconButton({ icon, name, keys, pressed, disabled, class: extra, onClick }: IconButtonProps) {
  return (
    <button
      type="button"
      class={`icon-button ${extra ?? ""}`}
      title={keys ? `${name} (${keys})` : name}
      aria-label={name}
      aria-disabled={disabled ? "true" : undefined}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
      onClick={() => {
        if (!disabled) onClick();
      }}
    >
      {icon === "first" || icon === "last" ? <EndIcon end={icon} /> : <Icon name={icon} />}
    </button>
  );
}
