import { type Schemas, unwrap } from "@feria/client";

import { count, date, t } from "../i18n.ts";
import { api } from "../shop.ts";
import { Grid } from "../ui/card.tsx";
import { useLoaded } from "../ui/loaded.ts";
import { Await, Title } from "../ui/page.tsx";

export function JournalPage() {
  const posts = useLoaded(() => unwrap(api.GET("/api/blog/posts", { params: { query: { limit: 30 } } })), []);
  return (
    <div class="wide">
      <Title>{t("journal")}</Title>
      <Await loaded={posts}>{(page) => <PostCards posts={page.items} />}</Await>
    </div>
  );
}

export function PostCards({ posts }: { posts: readonly Schemas["PostCard"][] }) {
  return (
    <ul class="posts">
      {posts.map((post) => (
        <li key={post.id} lang={post.locale}>
          <article class="post-card">
            {post.cover && <img src={post.cover.url} alt={post.cover.alt} loading="lazy" />}
            <h3>
              <a href={`/blog/${post.slug}`}>{post.title}</a>
            </h3>
            <p class="clamped">{post.excerpt}</p>
            <Byline post={post} />
          </article>
        </li>
      ))}
    </ul>
  );
}

function Byline({ post }: { post: Schemas["PostCard"] }) {
  const facts = [post.author?.name, post.published_at && date(post.published_at), count("minutes", post.reading_time_minutes)];
  return <p class="quiet small">{facts.filter(Boolean).join(" · ")}</p>;
}

export function PostPage({ slug }: { slug: string }) {
  const post = useLoaded(() => unwrap(api.GET("/api/blog/posts/{key}", { params: { path: { key: slug } } })), [slug]);
  return (
    <Await loaded={post}>
      {(found) => (
        <article class="wide post" lang={found.locale}>
          <header>
            <Title>{found.title}</Title>
            <Byline post={found} />
          </header>
          {found.cover && <img class="cover" src={found.cover.url} alt={found.cover.alt} />}
          <div class="prose" dangerouslySetInnerHTML={{ __html: found.html }} />
          {found.products.length > 0 && <Grid cards={found.products} />}
          {found.related.length > 0 && (
            <section aria-labelledby="more">
              <h2 id="more">{t("read_more")}</h2>
              <PostCards posts={found.related} />
            </section>
          )}
        </article>
      )}
    </Await>
  );
}
