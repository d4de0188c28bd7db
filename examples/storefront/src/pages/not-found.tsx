import { t } from "../i18n.ts";
import { Title } from "../ui/page.tsx";

export function NotFound() {
  return (
    <div class="wide centered">
      <Title>{t("not_found")}</Title>
      <p>{t("not_found_lead")}</p>
      <p>
        <a class="button" href="/products">
          {t("back_to_shop")}
        </a>
      </p>
    </div>
  );
}
