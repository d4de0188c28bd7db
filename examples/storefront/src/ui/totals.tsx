import { money, t } from "../i18n.ts";
import type { Money } from "../shop.ts";

interface Line {
  label: string;
  amount: Money;
  isMinus?: boolean;
}

/** The sums of a cart, a checkout or an order, the total last. */
export function Totals({ lines, total, note }: { lines: Line[]; total: Money; note?: string | undefined }) {
  return (
    <dl class="totals">
      {lines.map((line) => (
        <div key={line.label} class={line.isMinus ? "minus" : ""}>
          <dt>{line.label}</dt>
          <dd>
            {line.isMinus && "−"}
            {line.amount.amount === 0 && !line.isMinus ? t("free") : money(line.amount)}
          </dd>
        </div>
      ))}
      <div class="total">
        <dt>{t("total")}</dt>
        <dd>{money(total)}</dd>
      </div>
      {note && <p class="quiet small">{note}</p>}
    </dl>
  );
}
