"""What the pages say, in English and Spanish."""

from __future__ import annotations

from feria_core.contracts.admin import Text

TEXTS: dict[str, tuple[str, str]] = {
    "acting": ("Acting for a customer", "Actuando por un cliente"),
    "acting_end": ("Act as this customer no longer", "Dejar de actuar como este cliente"),
    "acting_for": ("You act as", "Actúa como"),
    "acting_until": ("until", "hasta"),
    "acts": ("What you can do", "Qué puede hacer"),
    "all": ("All", "Todos"),
    "add_rows": ("Add rows", "Añadir filas"),
    "analytics": ("Analytics", "Analítica"),
    "apply": ("Apply", "Aplicar"),
    "before": ("Before", "Antes"),
    "bulk": ("Many at once", "Varios a la vez"),
    "bulk_all": ("This is done to everything that the filters leave.", "Se hace con todo lo que dejan los filtros."),
    "bulk_done": ("Done:", "Hechos:"),
    "bulk_empty": (
        "Nothing yet: tick some things in a list and choose what to do with them.",
        "Nada todavía: marque cosas en una lista y elija qué hacer con ellas.",
    ),
    "bulk_errors": ("What did not work", "Lo que no funcionó"),
    "bulk_failed": ("Not done:", "Sin hacer:"),
    "bulk_skipped": ("Left out:", "Omitidos:"),
    "bulk_some": ("Chosen:", "Elegidos:"),
    "chart": ("Chart of the table below", "Gráfico de la tabla siguiente"),
    "choose": ("Choose", "Elegir"),
    "export": ("Export as CSV", "Exportar como CSV"),
    "facts": ("At a glance", "De un vistazo"),
    "file": ("File", "Archivo"),
    "file_needed": ("Choose a file of at most 32 MB.", "Elija un archivo de 32 MB como mucho."),
    "figures": ("Figures", "Cifras"),
    "more": ("More", "Más"),
    "more_filters": ("More filters", "Más filtros"),
    "nothing_left": ("Nothing is left of it.", "No queda nada."),
    "of_most": ("of", "de"),
    "open_shop": ("The shop", "La tienda"),
    "pairs_hint": ("One on each line, as name: value.", "Uno por línea, como nombre: valor."),
    "lists_hint": ("One on each line, as name: one, two, three.", "Uno por línea, como nombre: uno, dos, tres."),
    "amount_hint": (
        "A bare number is a percentage; with a currency it is an amount: 5.00 USD.",
        "Un número solo es un porcentaje; con moneda es un importe: 5.00 USD.",
    ),
    "row": ("Row", "Fila"),
    "show_table": ("The figures as a table", "Las cifras en una tabla"),
    "utc": ("Times are in UTC.", "Las horas son UTC."),
    "you": ("Your account", "Su cuenta"),
    "back": ("Back", "Volver"),
    "back_to_start": ("First page", "Primera página"),
    "cancel": ("Cancel", "Cancelar"),
    "catalog": ("Catalog", "Catálogo"),
    "content": ("Content", "Contenido"),
    "currency": ("Currency", "Moneda"),
    "details": ("Details", "Detalles"),
    "done": ("Done.", "Hecho."),
    "email": ("E-mail", "Correo electrónico"),
    "empty_home": (
        "There is nothing here that your roles let you see: ask an owner of the shop for a role.",
        "No hay nada aquí que sus roles le permitan ver: pida un rol a quien administra la tienda.",
    ),
    "crashed": ("Something went wrong on our side", "Algo ha fallado de nuestro lado"),
    "crashed_help": (
        "It is logged. Go back and try again; what you had typed is still in the form there.",
        "Queda registrado. Vuelva atrás e inténtelo otra vez; lo que escribió sigue allí en el formulario.",
    ),
    "failed": ("This did not work", "No ha funcionado"),
    "filtered_empty": ("Nothing matches. Change the search or", "Nada coincide. Cambie la búsqueda o"),
    "filters": ("Search and filters", "Búsqueda y filtros"),
    "find": ("Find", "Buscar"),
    "found_some": ("found: choose one", "encontrados: elija uno"),
    "found_nothing": ("Nothing matches: try other words.", "Nada coincide: pruebe con otras palabras."),
    "foreign": (
        "This form is not one of this session: go back, load the page again and send it once more.",
        "Este formulario no es de esta sesión: vuelva atrás, recargue la página y envíelo otra vez.",
    ),
    "home": ("Home", "Inicio"),
    "do": ("Do it", "Hacerlo"),
    "do_what": ("With those ticked", "Con los marcados"),
    "every_s": ("Every so many seconds", "Cada tantos segundos"),
    "hello": ("Hello", "Hola"),
    "job": ("Job", "Tarea"),
    "last_run": ("Last run", "Última vez"),
    "modules": ("Modules", "Módulos"),
    "needs": ("Needs", "Necesita"),
    "no_figures": ("There is nothing in this time: choose another.", "No hay nada en este tiempo: elija otro."),
    "nothing_waits": ("Nothing waits for you.", "Nada le espera."),
    "otp_app": ("Add this key to your app", "Añada esta clave a su aplicación"),
    "otp_app_hint": (
        "Scan the picture with an authenticator app, or type the key into it; then give the code that the app shows.",
        "Escanee la imagen con una aplicación de autenticación, o escriba en ella la clave; después, el código que dé.",
    ),
    "otp_code": ("QR code of the key below", "Código QR de la clave de abajo"),
    "otp_begin": ("Set up the second factor", "Activar el segundo factor"),
    "otp_confirm": ("Switch it on", "Activarlo"),
    "otp_why": (
        "Whoever learns your password cannot sign in without your phone then.",
        "Quien conozca su contraseña no podrá entrar sin su teléfono.",
    ),
    "period": ("Time", "Periodo"),
    "period_30d": ("30 days", "30 días"),
    "period_7d": ("7 days", "7 días"),
    "period_today": ("Today", "Hoy"),
    "queues": ("Queues", "Colas"),
    "queues_empty": ("Nothing waits, nothing failed.", "Nada espera, nada ha fallado."),
    "recovery_codes": ("Recovery codes", "Códigos de recuperación"),
    "recovery_hint": (
        "Each signs you in once without the app. They are shown only now: print them, or keep them in a safe.",
        "Cada uno permite entrar una vez sin la aplicación. Solo se muestran ahora: imprímalos o guárdelos.",
    ),
    "schedules": ("Schedules", "Horarios"),
    "stop": ("Stop", "Detener"),
    "tick": ("Tick", "Marcar"),
    "tick_all": ("Tick all of this page", "Marcar toda la página"),
    "to_do": ("To do", "Por hacer"),
    "total": ("Total", "Total"),
    "uses": ("Uses", "Usa"),
    "waiting": ("What stands now", "Cómo está todo"),
    "when_or_what": ("When or what", "Cuándo o qué"),
    "with_all": ("All that the filters leave", "Todo lo que dejan los filtros"),
    "json_hint": ("As JSON.", "En formato JSON."),
    "kept": ("What you typed is kept.", "Lo que escribió se conserva."),
    "key_needed": ("Give a code of letters, digits and hyphens.", "Escriba un código de letras, cifras y guiones."),
    "language": ("Español", "English"),
    "key_twice": ("This code stands in another row already.", "Este código ya está en otra fila."),
    "columns_hint": (
        "On each line, with colons between (nothing where there is no bound):",
        "En cada línea, separados por dos puntos (nada donde no hay límite):",
    ),
    "columns_invalid": (
        "the values of a line have colons between them",
        "los valores de una línea se separan con dos puntos",
    ),
    "lines_hint": ("One on each line.", "Uno por línea."),
    "marketing": ("Marketing", "Marketing"),
    "menu": ("Menu", "Menú"),
    "money_invalid": (
        "is no amount of that currency, like 19.99",
        "no es un importe de esa moneda, como 19.99",
    ),
    "json_invalid": ("is not JSON", "no es JSON"),
    "moment_invalid": ("is no date and time", "no es una fecha y hora"),
    "next": ("Next page", "Página siguiente"),
    "no": ("No", "No"),
    "no_staff": (
        "This account is a customer's. The pages are for staff: ask an owner of the shop for an invitation.",
        "Esta cuenta es de cliente. Estas páginas son para el personal: pida una invitación.",
    ),
    "not_found": ("There is nothing here", "Aquí no hay nada"),
    "not_found_help": (
        "It was removed, its module is off, or your roles do not show it to you.",
        "Se ha eliminado, su módulo está apagado o sus roles no se lo muestran.",
    ),
    "number_invalid": ("is no number", "no es un número"),
    "open": ("Open", "Abrir"),
    "optional": ("optional", "opcional"),
    "otp": ("One-time code", "Código de un solo uso"),
    "otp_hint": (
        "Of your authenticator app, if your account has one; a recovery code works too.",
        "De su aplicación de autenticación, si su cuenta la usa; también vale un código de recuperación.",
    ),
    "otp_needed": (
        "A role of yours needs the second factor: set it up in your account, then sign in with its code.",
        "Uno de sus roles exige el segundo factor: actívelo en su cuenta y entre con su código.",
    ),
    "pages": ("Pages", "Páginas"),
    "password": ("Password", "Contraseña"),
    "people": ("People", "Personas"),
    "remove_filters": ("remove the filters", "quite los filtros"),
    "result": ("The answer", "La respuesta"),
    "result_hint": (
        "Some of this may be shown only now: copy what you need before you leave.",
        "Parte de esto quizá solo se muestre ahora: copie lo que necesite antes de salir.",
    ),
    "sales": ("Sales", "Ventas"),
    "save": ("Save", "Guardar"),
    "search": ("Search", "Buscar"),
    "section_acts": ("For all", "Para todos"),
    "session_over": ("Your session has ended: sign in again.", "Su sesión ha terminado: entre de nuevo."),
    "sign_in": ("Sign in", "Entrar"),
    "sign_out": ("Sign out", "Salir"),
    "skip": ("Skip to the content", "Saltar al contenido"),
    "stale": (
        (
            "Somebody else changed this since you opened it. What you typed is kept: compare it with what stands now, "
            "and save again to put yours in its place."
        ),
        (
            "Otra persona lo cambió desde que usted lo abrió. Lo que escribió se conserva: compárelo con lo actual "
            "y guarde otra vez para reemplazarlo."
        ),
    ),
    "system": ("System", "Sistema"),
    "utc_hint": ("In UTC.", "En UTC."),
    "yes": ("Yes", "Sí"),
}
LOCALES = ("en", "es")


def say(name: str, locale: str) -> str:
    """Return the text of that name in `locale`."""
    return TEXTS[name][1 if locale == "es" else 0]


def said(text: Text, locale: str) -> str:
    """Return what a module declared, in `locale` or else in English."""
    return text.get(locale) or text["en"]
