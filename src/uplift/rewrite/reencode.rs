//! Says what is written otherwise than it was read: types in their variants, and indices of types.

use super::{Result, Rewriting, Unplanned};
use crate::{uplift::lift_sets::LiftSet, wasm::spaces::used};
use wasm_encoder::{
    CanonicalFunctionSection, ComponentAliasSection, ComponentType as ComponentTypeEncoded,
    ComponentTypeRef as TypeRef, ComponentTypeSection, InstanceType,
    reencode::{Reencode, ReencodeComponent, component_utils},
};
use wasmparser::{
    CanonicalFunction, ComponentExternalKind as Kind, ComponentFuncType, ComponentTypeDeclaration, ComponentTypeRef,
    InstanceTypeDeclaration,
};

impl Reencode for Rewriting<'_, '_, '_> {
    type Error = Unplanned;
}

impl ReencodeComponent for Rewriting<'_, '_, '_> {
    fn component_type_index(&mut self, ty: u32) -> u32 {
        self.variants.index(self.level(), ty, LiftSet::NOTHING)
    }

    fn outer_component_type_index(&mut self, count: u32, ty: u32) -> u32 {
        self.outer(count, ty, LiftSet::NOTHING)
    }

    fn component_type_ref(&mut self, ty: ComponentTypeRef) -> Result<TypeRef> {
        let Some((kind, ty)) = used(ty) else { return component_utils::component_type_ref(self, ty) };
        let variant = self.next_use();
        let ty = self.variants.index(self.level(), ty, variant);
        Ok(match kind {
            Kind::Func => TypeRef::Func(ty),
            Kind::Instance => TypeRef::Instance(ty),
            _ => TypeRef::Component(ty),
        })
    }

    fn parse_component_func_type(
        &mut self,
        function: wasm_encoder::ComponentFuncTypeEncoder<'_>,
        ty: ComponentFuncType<'_>,
    ) -> Result<()> {
        let ty = ComponentFuncType { async_: ty.async_ || self.variant == LiftSet::FUNCTION, ..ty };
        component_utils::parse_component_func_type(self, function, ty)
    }

    fn parse_component_type_section(
        &mut self,
        types: &mut ComponentTypeSection,
        section: wasmparser::ComponentTypeSectionReader<'_>,
    ) -> Result<()> {
        section.into_iter().try_for_each(|ty| self.types(&ty?, |this, ty| this.parse_component_type(types.ty(), ty)))
    }

    fn component_instance_type(&mut self, declarations: Box<[InstanceTypeDeclaration<'_>]>) -> Result<InstanceType> {
        self.within(|rewriting| component_utils::component_instance_type(rewriting, declarations))
    }

    fn component_type(&mut self, declarations: Box<[ComponentTypeDeclaration<'_>]>) -> Result<ComponentTypeEncoded> {
        self.within(|rewriting| component_utils::component_type(rewriting, declarations))
    }

    fn parse_component_instance_type_declaration(
        &mut self,
        instance: &mut InstanceType,
        declaration: InstanceTypeDeclaration<'_>,
    ) -> Result<()> {
        match declaration {
            InstanceTypeDeclaration::Type(ty) => {
                return self.types(&ty, |this, ty| this.parse_component_type(instance.ty(), ty));
            }
            InstanceTypeDeclaration::Alias(alias) => return self.aliases(alias, |alias| _ = instance.alias(alias)),
            InstanceTypeDeclaration::Export { ty, .. } => self.declared(ty),
            InstanceTypeDeclaration::CoreType(_) => {}
        }
        component_utils::parse_component_instance_type_declaration(self, instance, declaration)
    }

    fn parse_component_type_declaration(
        &mut self,
        component: &mut ComponentTypeEncoded,
        declaration: ComponentTypeDeclaration<'_>,
    ) -> Result<()> {
        match &declaration {
            ComponentTypeDeclaration::Type(ty) => {
                return self.types(ty, |this, ty| this.parse_component_type(component.ty(), ty));
            }
            ComponentTypeDeclaration::Alias(alias) => {
                return self.aliases(alias.clone(), |alias| _ = component.alias(alias));
            }
            ComponentTypeDeclaration::Export { ty, .. } => self.declared(*ty),
            ComponentTypeDeclaration::Import(import) => self.declared(import.ty),
            ComponentTypeDeclaration::CoreType(_) => {}
        }
        component_utils::parse_component_type_declaration(self, component, declaration)
    }

    fn parse_component_alias_section(
        &mut self,
        aliases: &mut ComponentAliasSection,
        section: wasmparser::ComponentAliasSectionReader<'_>,
    ) -> Result<()> {
        section.into_iter().try_for_each(|alias| self.aliases(alias?, |alias| _ = aliases.alias(alias)))
    }

    fn parse_component_canonical(
        &mut self,
        functions: &mut CanonicalFunctionSection,
        function: CanonicalFunction,
    ) -> Result<()> {
        let CanonicalFunction::Lift { core_func_index, type_index, options } = function else {
            return component_utils::parse_component_canonical(self, functions, function);
        };
        let variant = self.next_use();
        let ty = self.variants.index(self.level(), type_index, variant);
        let options = options.iter().map(|option| self.canonical_option(*option)).collect::<Result<Vec<_>>>()?;
        functions.lift(core_func_index, ty, options);
        Ok(())
    }
}
