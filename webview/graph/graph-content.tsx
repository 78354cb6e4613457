import "./drawing.css";
import * as derived from "../state/derived.ts";
import { instances } from "../state/navigation.ts";
import { fonts as editorFonts, litEdges } from "../state/ui.ts";
import { Blocks } from "./blocks.tsx";
import { cardOf, type CardContext } from "./card-model.ts";
import { EdgeLayer } from "./edge-layer.tsx";
import { FrameHeader, GroupFrame } from "./group-frame.tsx";
import { groupOfItem, type Item } from "./group.ts";
import { NodeCard, SHORT_TEXT } from "./node-card.tsx";
import type { Box, Scene } from "./scene.ts";
import { edgesIn, placedIn, type Detail } from "./view-box.ts";

export interface ContentProps {
  readonly context: CardContext;
  readonly scene: Scene;
  readonly box: Box;
  readonly detail: Detail;
  readonly colors: (group: number) => string;
  readonly selected: Item | null;
}

export function Content({ context, scene, box, detail, colors, selected }: ContentProps) {
  const placed = placedIn(scene, box);
  const frames = placed.filter((one) => one.open).sort((a, b) => a.depth - b.depth);
  const cards = placed.filter((one) => !one.open);
  const fonts = editorFonts.value;
  const hits = new Set(derived.hits.value.length <= 5000 ? derived.hits.value : []);
  const lit = new Set(derived.litItems.value);
  const { groups } = context.hierarchy;
  return (
    <>
      {frames.map((one) => {
        const group = groups[groupOfItem(one.item)];
        return (
          group && (
            <GroupFrame
              key={group.openKey}
              group={group}
              placed={one}
              selected={selected === one.item}
              current={context.current === one.item}
              instance={instances.value.get(group.openKey) ?? 0}
            />
          )
        );
      })}
      <EdgeLayer
        edges={edgesIn(scene, box)}
        graph={context.graph}
        schedule={context.schedule}
        statistics={context.statistics}
        position={context.position}
        detail={detail}
        flow={scene.flow}
        lit={litEdges.value}
      />
      {detail !== "blocks" &&
        frames.map((one) => {
          const group = groups[groupOfItem(one.item)];
          return (
            group && (
              <FrameHeader
                key={group.openKey}
                group={group}
                placed={one}
                color={colors(group.index)}
                fonts={fonts}
                size={detail === "full" ? 12 : SHORT_TEXT[detail]}
                instance={instances.value.get(group.openKey) ?? 0}
              />
            )
          );
        })}
      {detail === "blocks" ? (
        <Blocks cards={cards.map((one) => ({ placed: one, model: cardOf(one.item, context) }))} />
      ) : (
        cards.map((one) => (
          <NodeCard
            key={one.item}
            model={cardOf(one.item, context)}
            placed={one}
            detail={detail}
            selected={selected === one.item}
            hit={hits.has(one.item)}
            lit={lit.has(one.item)}
            color={one.item < 0 ? colors(groupOfItem(one.item)) : "none"}
            fonts={fonts}
            flow={scene.flow}
          />
        ))
      )}
    </>
  );
}
